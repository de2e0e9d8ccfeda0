import { eventually } from '@andvari/kit/testing/eventually';
import { command, instrumentChanged, symbolHalted, symbolResumed } from '@andvari/proto/events';
import {
  type Bar,
  BarOrigin,
  BarPeriod,
  type GetBarsRequest,
  InstrumentType,
  MarketState,
  MoversKind,
  Timeframe,
} from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stockWorld, USER, type World } from './stock-world.ts';

const NOW = Date.UTC(2026, 5, 10, 15, 20, 30);
let world: World;
beforeAll(async () => {
  world = await stockWorld({ nowMs: NOW });
});
afterAll(() => world.close());

const barsRequest: GetBarsRequest = {
  symbol: 'AAPL',
  timeframe: Timeframe.TIMEFRAME_UNSPECIFIED,
  fromUs: 0n,
  toUs: 0n,
  adjusted: false,
  page: { first: 1000, after: '' },
  period: BarPeriod.BAR_PERIOD_UNSPECIFIED,
  origin: BarOrigin.BAR_ORIGIN_REFERENCE,
  latestFirst: false,
};

const found = async (query: string, first = 5) =>
  (await world.stock.searchInstruments({ query, first })).instruments.map(({ symbol }) => symbol);
const movers = async (kind: MoversKind) => (await world.stock.getMovers({ kind, first: 8, currency: 'USD' })).movers;
const operator = () => world.as(['instrument:write']);

describe('search', () => {
  test.each<[string, string, string[]]>([
    ['a whole symbol comes before those that begin with it', 'C', ['C', 'BA']],
    ['symbols in small letters', 'msf', ['MSFT']],
    ['the beginning of a name', 'berk', ['BRK-B']],
    ['a word inside a name', 'motor', ['F', 'GM']],
    ['a symbol as others write it', 'BRK.B', ['BRK-B']],
    ['an index by its letters', 's&p', ['SPY']],
    ['a company with what it is', 'apple inc', ['AAPL']],
    ['what was mistyped', 'microsfot', ['MSFT']],
    ['characters that mean something to SQL are only characters', '%_\\', []],
    ['and so is a quote', "mcdonald's", ['MCD']],
  ])('%s', async (_, query, expected) => {
    const symbols = await found(query);
    if (expected.length === 0) expect(symbols).toEqual([]);
    else expect(symbols[0]).toBe(expected[0]);
  });

  test('as many as were asked for, each once', async () => {
    const symbols = await found('a', 12);
    expect(new Set(symbols).size).toBe(12);
  });
});

test('the list goes on where a page ended, whatever was inserted meanwhile', async () => {
  const request = { sector: 'Technology', exchange: '', currency: 'USD', type: InstrumentType.INSTRUMENT_TYPE_EQUITY };
  const symbols: string[] = [];
  for (let after = ''; ; ) {
    const { instruments, pageInfo } = await world.stock.listInstruments({ ...request, page: { first: 7, after } });
    symbols.push(...instruments.map(({ symbol }) => symbol));
    if (pageInfo?.hasNextPage !== true) break;
    after = pageInfo.endCursor;
  }
  expect(symbols).toEqual(symbols.toSorted());
  expect(new Set(symbols).size).toBe(symbols.length);
  expect(symbols).toContain('NVDA');
  expect(symbols).not.toContain('XLK');
  expect(symbols).not.toContain('SHOP-TO');
});

test('a quote, its day bar and its live bars say the same', async () => {
  const { quotes } = await world.stock.getQuotes({ symbols: ['AAPL', 'SHOP-TO'], allowUnknown: false });
  expect(quotes.map(({ symbol }) => symbol)).toEqual(['AAPL', 'SHOP-TO']);
  const [quote] = quotes;
  expect(quote).toMatchObject({ source: 'simulated', marketState: MarketState.MARKET_STATE_REGULAR });
  const last = async (timeframe: Timeframe) => {
    const request = { ...barsRequest, timeframe, latestFirst: true, page: { first: 1, after: '' } };
    const { bars, source } = await world.stock.getBars(request);
    expect(source).toBe('simulated');
    return bars[0];
  };
  for (const timeframe of [1, 2, 3, 4, 5, 6, 7] as Timeframe[]) {
    expect(await last(timeframe)).toMatchObject({ close: quote?.last, live: true });
  }
  const day = await last(Timeframe.TIMEFRAME_DAY);
  const { open, high, low, volume } = quote ?? {};
  expect(day).toMatchObject({ open, high, low, volume });
});

describe('bars', () => {
  test.each<[string, BarPeriod, Timeframe, number, number]>([
    ['a day in fives', BarPeriod.BAR_PERIOD_DAY, Timeframe.TIMEFRAME_MINUTE_5, 288, 290],
    ['a week in quarters', BarPeriod.BAR_PERIOD_WEEK, Timeframe.TIMEFRAME_MINUTE_15, 672, 674],
    ['a month in hours', BarPeriod.BAR_PERIOD_MONTH, Timeframe.TIMEFRAME_HOUR, 744, 746],
    ['three months in days', BarPeriod.BAR_PERIOD_MONTHS_3, Timeframe.TIMEFRAME_DAY, 92, 94],
    ['half a year in days', BarPeriod.BAR_PERIOD_MONTHS_6, Timeframe.TIMEFRAME_DAY, 183, 185],
    ['a year in days', BarPeriod.BAR_PERIOD_YEAR, Timeframe.TIMEFRAME_DAY, 366, 368],
    ['five years in weeks', BarPeriod.BAR_PERIOD_YEARS_5, Timeframe.TIMEFRAME_WEEK, 260, 263],
    ['all in months', BarPeriod.BAR_PERIOD_MAX, Timeframe.TIMEFRAME_MONTH, 316, 319],
  ])('%s', async (_, period, timeframe, least, most) => {
    const { bars, timeframe: answered, pageInfo } = await world.stock.getBars({ ...barsRequest, period });
    expect(answered).toBe(timeframe);
    expect(bars.length).toBeGreaterThanOrEqual(least);
    expect(bars.length).toBeLessThanOrEqual(most);
    expect(pageInfo?.hasNextPage).toBe(false);
    expect(bars.filter(({ live }) => live).length).toBe(1);
    expect(bars.at(-1)?.live).toBe(true);
  });

  test.each([false, true])('pages put together are the whole, latest first: %s', async (latestFirst) => {
    const fromUs = BigInt(NOW - 86_400_000) * 1000n;
    const request = { ...barsRequest, timeframe: Timeframe.TIMEFRAME_MINUTE_5, fromUs, latestFirst };
    const whole = await world.stock.getBars(request);
    const pages: Bar[][] = [];
    for (let after = ''; ; ) {
      const { bars, pageInfo } = await world.stock.getBars({ ...request, page: { first: 37, after } });
      pages.push(bars);
      if (pageInfo?.hasNextPage !== true) break;
      after = pageInfo.endCursor;
    }
    expect(pages.length).toBe(Math.ceil(whole.bars.length / 37));
    expect((latestFirst ? pages.toReversed() : pages).flat()).toEqual(whole.bars);
  });

  test.each<[string, Partial<GetBarsRequest>]>([
    ['another symbol', { symbol: 'MSFT' }],
    ['prices adjusted for splits', { adjusted: true }],
    ['the venue', { origin: BarOrigin.BAR_ORIGIN_VENUE }],
    ['both markets', { origin: BarOrigin.BAR_ORIGIN_UNSPECIFIED }],
    ['another timeframe', { timeframe: Timeframe.TIMEFRAME_HOUR }],
    ['the other direction', { latestFirst: true }],
  ])('a cursor is of its chart, not of one of %s', async (_, other) => {
    const request = { ...barsRequest, timeframe: Timeframe.TIMEFRAME_DAY };
    const { pageInfo } = await world.stock.getBars({ ...request, page: { first: 2, after: '' } });
    const page = { first: 2, after: pageInfo?.endCursor ?? '' };
    expect((await world.stock.getBars({ ...request, page })).bars).toHaveLength(2);
    await expect(world.stock.getBars({ ...request, ...other, page })).rejects.toMatchObject({ field: 'page.after' });
  });
});

test('currencies are taken in any case', async () => {
  const request = { sector: '', exchange: '', type: InstrumentType.INSTRUMENT_TYPE_UNSPECIFIED };
  const page = { first: 3, after: '' };
  const list = (currency: string) => world.stock.listInstruments({ ...request, currency, page });
  expect((await list('cad')).instruments).toHaveLength(3);
  expect(await list('cad')).toEqual(await list('CAD'));
  const kind = MoversKind.MOVERS_KIND_MOST_ACTIVE;
  const answer = await world.stock.getMovers({ kind, first: 3, currency: 'cad' });
  expect(answer.movers.map(({ instrument }) => instrument?.currency)).toEqual(['CAD', 'CAD', 'CAD']);
});

test('movers are in their order and on their side', async () => {
  const gainers = await movers(MoversKind.MOVERS_KIND_GAINERS);
  const losers = await movers(MoversKind.MOVERS_KIND_LOSERS);
  const active = await movers(MoversKind.MOVERS_KIND_MOST_ACTIVE);
  expect(gainers.map(({ changePpm }) => changePpm)).toEqual(
    sorted(gainers.map(({ changePpm }) => changePpm)).toReversed(),
  );
  expect(losers.map(({ changePpm }) => changePpm)).toEqual(sorted(losers.map(({ changePpm }) => changePpm)));
  expect(gainers.every(({ change }) => change > 0n)).toBe(true);
  expect(losers.every(({ change }) => change < 0n)).toBe(true);
  expect(active).toHaveLength(8);
  for (const { quote, change, instrument } of [...gainers, ...losers, ...active]) {
    expect(change).toBe((quote?.last ?? 0n) - (quote?.previousClose ?? 0n));
    expect(instrument?.currency).toBe('USD');
  }
});

test('a quote says when the session ended that its close before is of', async () => {
  const { quotes } = await world.stock.getQuotes({ symbols: ['AAPL'], allowUnknown: false });
  // This market never closes, so a day ends at midnight.
  expect(quotes[0]?.previousCloseAtUs).toBe(BigInt(Date.UTC(2026, 5, 10)) * 1000n);
});

describe('foreign exchange', () => {
  test('a pair has one rate with one id, whichever way it is asked for', async () => {
    const [there] = (await world.stock.getFxRates({ base: 'USD', quotes: ['EUR'] })).rates;
    const [back] = (await world.stock.getFxRates({ base: 'EUR', quotes: ['USD'] })).rates;
    expect(there).toEqual(back);
    expect(there).toMatchObject({ base: 'EUR', quote: 'USD', source: 'simulated' });
    expect(there?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a rate of another minute has another id', async () => {
    const [before] = (await world.stock.getFxRates({ base: 'USD', quotes: ['CAD'] })).rates;
    world.moveTo(NOW + 60_000);
    const [after] = (await world.stock.getFxRates({ base: 'USD', quotes: ['CAD'] })).rates;
    world.moveTo(NOW);
    expect(after?.id).not.toBe(before?.id);
    expect((before?.rate ?? 0n) > 1_100_000n && (before?.rate ?? 0n) < 1_800_000n).toBe(true);
  });
});

describe('instruments', () => {
  const fresh = {
    symbol: 'NEWCO',
    name: 'New Company',
    exchange: 'NYSE',
    sector: 'Industrials',
    type: InstrumentType.INSTRUMENT_TYPE_EQUITY as InstrumentType,
    currency: 'USD',
    tick: 10_000n,
    tickBelowOne: 100n,
    lot: 1n,
    fractionable: true,
    tradable: true,
    halted: false,
    haltReason: '',
    haltedAtUs: 0n,
    basePrice: 50_000_000n,
    minNotional: 1_000_000n,
    maxQty: 1_000_000_000_000n,
    maxPrice: 1_000_000_000_000n,
    version: 0n,
  };

  test('a new listing is news, and the engine knows it and its session', async () => {
    const { instrument } = await operator().upsertInstrument({ instrument: fresh, expectedVersion: 0n });
    expect(instrument).toMatchObject({ symbol: 'NEWCO', version: 1n, minNotional: 1_000_000n });
    await eventually(async () => {
      const told = (await world.service.published(command)).filter(({ symbol }) => symbol === 'NEWCO');
      expect(told.map(({ body }) => body?.$case)).toEqual(['defineInstrument', 'setSession']);
    });
    const news = (await world.service.published(instrumentChanged)).filter((one) => one.instrument?.symbol === 'NEWCO');
    expect(news).toMatchObject([{ changedBy: USER, instrument: { version: 1n } }]);
    const { quotes } = await world.stock.getQuotes({ symbols: ['NEWCO'], allowUnknown: false });
    expect(quotes).toHaveLength(1);
  });

  test('the same again changes nothing, another name makes another version, an older version is refused', async () => {
    const same = await operator().upsertInstrument({ instrument: fresh, expectedVersion: 1n });
    expect(same.instrument?.version).toBe(1n);
    const renamed = { ...fresh, name: 'Newer Company' };
    const { instrument } = await operator().upsertInstrument({ instrument: renamed, expectedVersion: 1n });
    expect(instrument).toMatchObject({ name: 'Newer Company', version: 2n });
    await expect(operator().upsertInstrument({ instrument: fresh, expectedVersion: 1n })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'version_conflict',
      field: 'expected_version',
      numbers: { current: 2n },
    });
  });

  test.each<[Partial<typeof fresh>, string]>([
    [{ symbol: 'no' }, 'instrument.symbol'],
    [{ name: '' }, 'instrument.name'],
    [{ name: 'New\u200bco' }, 'instrument.name'],
    [{ exchange: 'X\u202e' }, 'instrument.exchange'],
    [{ sector: '\u3164' }, 'instrument.sector'],
    [{ currency: 'DOGE' }, 'instrument.currency'],
    [{ tick: 0n }, 'instrument.tick'],
    [{ tick: 30_000n }, 'instrument.tick'],
    [{ tickBelowOne: 7n }, 'instrument.tick_below_one'],
    [{ tickBelowOne: 0n }, 'instrument.tick_below_one'],
    [{ minNotional: 0n }, 'instrument.min_notional'],
    [{ maxQty: 0n }, 'instrument.max_qty'],
    [{ maxPrice: 0n }, 'instrument.max_price'],
    [{ maxQty: 10_000_000n, maxPrice: 60_000_000n, minNotional: 600_000_001n }, 'instrument.min_notional'],
    [{ lot: 0n }, 'instrument.lot'],
    [{ fractionable: false }, 'instrument.fractionable'],
    [{ basePrice: 50_005_000n }, 'instrument.base_price'],
    [{ type: InstrumentType.INSTRUMENT_TYPE_UNSPECIFIED }, 'instrument.type'],
  ])('%o is refused at %s', async (changed, field) => {
    const call = operator().upsertInstrument({ instrument: { ...fresh, ...changed }, expectedVersion: 0n });
    await expect(call).rejects.toMatchObject({ code: 'invalid_argument', field });
  });

  test('a halt reaches quotes, news and the engine, and so does its end', async () => {
    const by = world.as(['market:halt']);
    await by.haltSymbol({ symbol: 'PEP', reason: 'news pending' });
    const { quotes } = await world.stock.getQuotes({ symbols: ['PEP'], allowUnknown: false });
    expect(quotes).toMatchObject([{ marketState: MarketState.MARKET_STATE_HALTED }]);
    await by.resumeSymbol({ symbol: 'PEP' });
    await eventually(async () => {
      const told = (await world.service.published(command)).filter(({ symbol }) => symbol === 'PEP');
      expect(told.map(({ body }) => body).filter((body) => body?.$case === 'setHalt')).toEqual([
        expect.objectContaining({ value: { halted: true, reason: 'news pending' } }),
        expect.objectContaining({ value: { halted: false, reason: '' } }),
      ]);
    });
    const halted = (await world.service.published(symbolHalted)).filter(({ symbol }) => symbol === 'PEP');
    const resumed = (await world.service.published(symbolResumed)).filter(({ symbol }) => symbol === 'PEP');
    expect(halted).toMatchObject([{ reason: 'news pending', version: 2n, changedBy: USER }]);
    expect(resumed).toMatchObject([{ version: 3n, changedBy: USER }]);
  });
});

test('a stream begins with how things stand and goes on with what moves', async () => {
  const heard: string[] = [];
  const first = await world.stock.getQuotes({ symbols: ['AAPL', 'MSFT'], allowUnknown: false });
  for await (const { quote } of world.stock.streamQuotes({ symbols: ['AAPL', 'MSFT'] })) {
    heard.push(quote?.symbol ?? '');
    if (heard.length === 2) {
      expect(heard).toEqual(['AAPL', 'MSFT']);
      world.moveTo(NOW + 600_000);
    }
    const before = first.quotes.find(({ symbol }) => symbol === quote?.symbol);
    if (heard.length > 2 && quote?.last !== before?.last) break;
  }
  world.moveTo(NOW);
});

function sorted(values: readonly bigint[]): bigint[] {
  return values.toSorted((a, b) => (a < b ? -1 : 1));
}
