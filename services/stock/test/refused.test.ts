import type { RpcClient } from '@andvari/kit/rpc/client';
import {
  BarOrigin,
  BarPeriod,
  CorporateActionType,
  type GetBarsRequest,
  InstrumentType,
  MoversKind,
  type StockServiceService,
  Timeframe,
} from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stockWorld, type World } from './stock-world.ts';

let world: World;
beforeAll(async () => {
  world = await stockWorld({ nowMs: Date.UTC(2026, 5, 10, 15) });
});
afterAll(() => world.close());

type Stock = RpcClient<typeof StockServiceService>;

const NO_PAGE = undefined;
const many = (count: number) => Array.from({ length: count }, (_, i) => `S${i}`);
const bars = (changed: Partial<GetBarsRequest>): GetBarsRequest => ({
  symbol: 'AAPL',
  timeframe: Timeframe.TIMEFRAME_DAY,
  fromUs: 0n,
  toUs: 0n,
  adjusted: false,
  page: NO_PAGE,
  period: BarPeriod.BAR_PERIOD_UNSPECIFIED,
  origin: BarOrigin.BAR_ORIGIN_UNSPECIFIED,
  latestFirst: false,
  ...changed,
});
const list = {
  sector: '',
  exchange: '',
  type: InstrumentType.INSTRUMENT_TYPE_UNSPECIFIED,
  currency: '',
  page: NO_PAGE,
};
const page = (after: string, first = 10) => ({ first, after });
/** What a cursor of the chart of `bars` belongs to. */
const AAPL = 'AAPL,as_traded,merged,on';
const cursor = (...parts: (string | number)[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

/** [what is wrong, the call, the field that is named]. */
const cases: [string, (stock: Stock) => Promise<unknown>, string][] = [
  ['a search for nothing', (stock) => stock.searchInstruments({ query: '', first: 0 }), 'query'],
  ['a search for spaces', (stock) => stock.searchInstruments({ query: '   ', first: 0 }), 'query'],
  ['a search with control characters', (stock) => stock.searchInstruments({ query: 'A\u0000B', first: 0 }), 'query'],
  ['a search that is a book', (stock) => stock.searchInstruments({ query: 'x'.repeat(81), first: 0 }), 'query'],
  ['a search for too many', (stock) => stock.searchInstruments({ query: 'A', first: 101 }), 'first'],
  ['a search for less than none', (stock) => stock.searchInstruments({ query: 'A', first: -1 }), 'first'],
  ['no symbols', (stock) => stock.getInstruments({ symbols: [], allowUnknown: true }), 'symbols'],
  ['ten thousand symbols', (stock) => stock.getQuotes({ symbols: many(10_000), allowUnknown: true }), 'symbols'],
  [
    'ten thousand instruments',
    (stock) => stock.getInstruments({ symbols: many(10_000), allowUnknown: true }),
    'symbols',
  ],
  [
    'a symbol with a wildcard',
    (stock) => stock.getQuotes({ symbols: ['AAPL', '*'], allowUnknown: true }),
    'symbols[1]',
  ],
  [
    'a symbol with a control character',
    (stock) => stock.getQuotes({ symbols: ['A\n'], allowUnknown: true }),
    'symbols[0]',
  ],
  ['a symbol in small letters', (stock) => stock.getQuotes({ symbols: ['aapl'], allowUnknown: false }), 'symbols[0]'],
  ['a range turned round', (stock) => stock.getBars(bars({ fromUs: 2_000_000n, toUs: 1_000_000n })), 'to_us'],
  ['an empty range', (stock) => stock.getBars(bars({ fromUs: 2_000_000n, toUs: 2_000_000n })), 'to_us'],
  ['a time before 1970', (stock) => stock.getBars(bars({ fromUs: -1n })), 'from_us'],
  ['a time beyond all calendars', (stock) => stock.getBars(bars({ toUs: 2n ** 62n })), 'to_us'],
  [
    'neither timeframe nor period',
    (stock) => stock.getBars(bars({ timeframe: Timeframe.TIMEFRAME_UNSPECIFIED })),
    'timeframe',
  ],
  ['a timeframe that does not exist', (stock) => stock.getBars(bars({ timeframe: 77 as Timeframe })), 'timeframe'],
  ['a period that does not exist', (stock) => stock.getBars(bars({ period: 77 as BarPeriod })), 'period'],
  ['a period with a range', (stock) => stock.getBars(bars({ period: BarPeriod.BAR_PERIOD_DAY, fromUs: 1n })), 'period'],
  ['an origin that does not exist', (stock) => stock.getBars(bars({ origin: 9 as BarOrigin })), 'origin'],
  ['too many bars', (stock) => stock.getBars(bars({ page: page('', 1001) })), 'page.first'],
  ['a cursor that is none', (stock) => stock.getBars(bars({ page: page('nonsense') })), 'page.after'],
  ['a cursor of another list', (stock) => stock.getBars(bars({ page: page(cursor('AAPL')) })), 'page.after'],
  [
    'a cursor of another timeframe',
    (stock) => stock.getBars(bars({ page: page(cursor('hour', AAPL, 1)) })),
    'page.after',
  ],
  ['a cursor as they once were', (stock) => stock.getBars(bars({ page: page(cursor('day', 0, 1)) })), 'page.after'],
  [
    'instruments by a cursor of bars',
    (stock) => stock.listInstruments({ ...list, page: page(cursor('day', 0, 1)) }),
    'page.after',
  ],
  ['instruments of an unknown type', (stock) => stock.listInstruments({ ...list, type: 9 as InstrumentType }), 'type'],
  [
    'instruments of a sector of control characters',
    (stock) => stock.listInstruments({ ...list, sector: '\u0007' }),
    'sector',
  ],
  [
    'actions by a cursor of numbers',
    (stock) => stock.listCorporateActions({ symbol: '', page: page(cursor('x', 'y')) }),
    'page.after',
  ],
  [
    'a calendar from no date',
    (stock) => stock.getCalendar({ fromDate: '2026-02-30', toDate: '2026-03-01' }),
    'from_date',
  ],
  ['a calendar to no date', (stock) => stock.getCalendar({ fromDate: '2026-03-01', toDate: 'soon' }), 'to_date'],
  [
    'a calendar turned round',
    (stock) => stock.getCalendar({ fromDate: '2026-03-02', toDate: '2026-03-01' }),
    'to_date',
  ],
  [
    'a calendar of a century',
    (stock) => stock.getCalendar({ fromDate: '2000-01-01', toDate: '2099-12-31' }),
    'to_date',
  ],
  ['rates of nothing', (stock) => stock.getFxRates({ base: 'USD', quotes: [] }), 'quotes'],
  ['a rate of an unknown currency', (stock) => stock.getFxRates({ base: 'USD', quotes: ['EUR', 'XXX'] }), 'quotes[1]'],
  ['a rate of a currency in itself', (stock) => stock.getFxRates({ base: 'USD', quotes: ['USD'] }), 'quotes[0]'],
  [
    'movers of no kind',
    (stock) => stock.getMovers({ kind: MoversKind.MOVERS_KIND_UNSPECIFIED, first: 0, currency: '' }),
    'kind',
  ],
  ['a halt without a reason', (stock) => stock.haltSymbol({ symbol: 'AAPL', reason: '' }), 'reason'],
  ['a halt for a blank', (stock) => stock.haltSymbol({ symbol: 'AAPL', reason: '   ' }), 'reason'],
  ['a halt for nothing to see', (stock) => stock.haltSymbol({ symbol: 'AAPL', reason: '\u200b' }), 'reason'],
  ['instruments of no currency', (stock) => stock.listInstruments({ ...list, currency: '%%%' }), 'currency'],
  [
    'instruments of a currency that is none of ours',
    (stock) => stock.listInstruments({ ...list, currency: 'JPY' }),
    'currency',
  ],
  [
    'movers of no currency',
    (stock) => stock.getMovers({ kind: MoversKind.MOVERS_KIND_GAINERS, first: 0, currency: '%%%' }),
    'currency',
  ],
  ['rates of what is no currency of ours', (stock) => stock.getFxRates({ base: 'BTC', quotes: ['USD'] }), 'base'],
  ['rates of another that is none of ours', (stock) => stock.getFxRates({ base: 'JPY', quotes: ['USD'] }), 'base'],
  [
    'a change of nothing',
    (stock) => stock.upsertInstrument({ instrument: undefined, expectedVersion: 0n }),
    'instrument',
  ],
  ['no action', (stock) => stock.applyCorporateAction({ action: undefined }), 'action'],
];

test.each(cases)('%s is refused, and the field is named', async (_, call, field) => {
  await expect(call(world.stock)).rejects.toMatchObject({ code: 'invalid_argument', field });
});

test.each<[string, (stock: Stock) => Promise<unknown>, string]>([
  ['instruments', (stock) => stock.getInstruments({ symbols: ['AAPL', 'NOPE'], allowUnknown: false }), 'symbols[1]'],
  ['quotes', (stock) => stock.getQuotes({ symbols: ['NOPE'], allowUnknown: false }), 'symbols[0]'],
  ['bars', (stock) => stock.getBars(bars({ symbol: 'NOPE' })), 'symbol'],
  ['a halt', (stock) => stock.haltSymbol({ symbol: 'NOPE', reason: 'news' }), 'symbol'],
  ['a resumption', (stock) => stock.resumeSymbol({ symbol: 'NOPE' }), 'symbol'],
])('%s of an unknown symbol is not found, and the field is named', async (_, call, field) => {
  await expect(call(world.stock)).rejects.toMatchObject({ code: 'not_found', reason: 'symbol_not_found', field });
});

test('where unknown symbols are allowed they are told apart, in their order', async () => {
  const symbols = ['ZZZ', 'MSFT', 'NOPE', 'AAPL'];
  const { instruments, unknownSymbols } = await world.stock.getInstruments({ symbols, allowUnknown: true });
  expect(instruments.map(({ symbol }) => symbol)).toEqual(['MSFT', 'AAPL']);
  expect(unknownSymbols).toEqual(['ZZZ', 'NOPE']);
});

describe('what is an operator’s', () => {
  const action = {
    id: '0198a000-0000-7000-8000-0000000000a1',
    symbol: 'AAPL',
    type: CorporateActionType.CORPORATE_ACTION_TYPE_SPLIT as CorporateActionType,
    ratioTo: 2n,
    ratioFrom: 1n,
    amount: 0n,
    exDate: '2026-06-10',
    currency: '',
    appliedAtUs: 0n,
    referencePx: 0n,
    effectiveAtUs: 0n,
  };
  const dividend = { type: CorporateActionType.CORPORATE_ACTION_TYPE_CASH_DIVIDEND, ratioTo: 0n, ratioFrom: 0n };
  const calls: [string, string, (stock: Stock) => Promise<unknown>][] = [
    ['haltSymbol', 'market:halt', (stock) => stock.haltSymbol({ symbol: 'AAPL', reason: 'news' })],
    ['resumeSymbol', 'market:halt', (stock) => stock.resumeSymbol({ symbol: 'AAPL' })],
    [
      'upsertInstrument',
      'instrument:write',
      (stock) => stock.upsertInstrument({ instrument: undefined, expectedVersion: 0n }),
    ],
    ['applyCorporateAction', 'corporate_action:apply', (stock) => stock.applyCorporateAction({ action })],
  ];

  test.each(calls)('%s needs %s', async (_, permission, call) => {
    const others = ['market:halt', 'instrument:write', 'corporate_action:apply'].filter((one) => one !== permission);
    const denied = { code: 'permission_denied', reason: 'permission_missing' };
    await expect(call(world.as([]))).rejects.toMatchObject(denied);
    await expect(call(world.as([...others, 'instrument:read']))).rejects.toMatchObject(denied);
  });

  test('whoever has the right halts and resumes, and it is the event’s word whose doing it was', async () => {
    const operator = world.as(['market:halt']);
    const { instrument: halted } = await operator.haltSymbol({ symbol: 'KO', reason: 'news pending' });
    expect(halted).toMatchObject({ halted: true, haltReason: 'news pending', version: 2n });
    const again = await operator.haltSymbol({ symbol: 'KO', reason: 'something else' });
    expect(again.instrument).toEqual(halted);
    const { instrument: resumed } = await operator.resumeSymbol({ symbol: 'KO' });
    expect(resumed).toMatchObject({ halted: false, haltReason: '', haltedAtUs: 0n, version: 3n });
  });

  test.each<[string, Partial<typeof action>, string]>([
    ['a split into none', { ratioTo: 0n }, 'action.ratio_to'],
    ['a split one for one', { ratioTo: 3n, ratioFrom: 3n }, 'action.ratio_to'],
    ['a split beyond reason', { ratioTo: 10_001n }, 'action.ratio_to'],
    ['a date that is none', { exDate: '2026-13-01' }, 'action.ex_date'],
    ['an id that is none', { id: 'x' }, 'action.id'],
    ['a dividend of nothing', { ...dividend, currency: 'USD' }, 'action.amount'],
    ['a dividend in another currency', { ...dividend, amount: 1n, currency: 'EUR' }, 'action.currency'],
    ['a dividend larger than the share', { ...dividend, amount: 10n ** 12n, currency: 'USD' }, 'action.amount'],
    ['an action of no kind', { type: 0 }, 'action.type'],
    ['a split with an amount', { amount: 1n }, 'action.amount'],
    ['a split with a currency', { currency: 'USD' }, 'action.currency'],
    ['a dividend with new shares', { type: 2, ratioFrom: 0n, amount: 1n, currency: 'USD' }, 'action.ratio_to'],
    ['a dividend for old shares', { type: 2, ratioTo: 0n, amount: 1n, currency: 'USD' }, 'action.ratio_from'],
  ])('%s is refused', async (_, changed, field) => {
    const call = world.stock.applyCorporateAction({ action: { ...action, ...changed } });
    await expect(call).rejects.toMatchObject({ code: 'invalid_argument', field });
  });
});
