import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { command, corporateActionApplied, corporateActionPosted, symbolHalted } from '@andvari/proto/events';
import {
  type Bar,
  BarOrigin,
  BarPeriod,
  type CorporateAction,
  CorporateActionType,
  MarketState,
  Timeframe,
} from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stockWorld, USER, type World } from './stock-world.ts';

const NOW = Date.UTC(2026, 5, 10, 15, 20, 30);
const EFFECTIVE = Date.UTC(2026, 5, 10, 15, 21);
let world: World;
beforeAll(async () => {
  world = await stockWorld({ nowMs: NOW, env: { TICK_EVERY_MS: '60000' } });
});
afterAll(() => world.close());

const operator = () => world.as(['corporate_action:apply']);
const idOf = (n: number) => `0198a000-0000-7000-8000-${String(n).padStart(12, '0')}`;

function split(n: number, symbol: string, ratioTo: bigint, ratioFrom: bigint): CorporateAction {
  return {
    id: idOf(n),
    symbol,
    ratioTo,
    ratioFrom,
    amount: 0n,
    currency: '',
    exDate: '2026-06-10',
    type: CorporateActionType.CORPORATE_ACTION_TYPE_SPLIT,
    appliedAtUs: 0n,
    referencePx: 0n,
    effectiveAtUs: 0n,
  };
}

function dividend(n: number, symbol: string, amount: bigint): CorporateAction {
  const type = CorporateActionType.CORPORATE_ACTION_TYPE_CASH_DIVIDEND;
  return { ...split(n, symbol, 0n, 0n), type, amount, currency: 'USD' };
}

async function quoteOf(symbol: string) {
  const { quotes } = await world.stock.getQuotes({ symbols: [symbol], allowUnknown: false });
  const [quote] = quotes;
  if (quote === undefined) throw new Error(`no quote of ${symbol}`);
  return quote;
}

async function barsOf(symbol: string, timeframe: Timeframe, adjusted: boolean, from = NOW - 3 * 86_400_000) {
  const request = {
    symbol,
    timeframe,
    adjusted,
    fromUs: BigInt(from) * 1000n,
    toUs: 0n,
    latestFirst: false,
    period: BarPeriod.BAR_PERIOD_UNSPECIFIED,
    origin: BarOrigin.BAR_ORIGIN_REFERENCE,
    page: { first: 1000, after: '' },
  };
  return (await world.stock.getBars(request)).bars;
}

const posted = (actionId: string, symbol: string) =>
  newEvent(corporateActionPosted, { actionId, symbol, accounts: 3 }, { source: 'portfolio' });
const toldOf = async (symbol: string) =>
  (await world.service.published(command)).filter((one) => one.symbol === symbol).map(({ body }) => body?.$case);

const stopsOf = async (symbol: string) =>
  (await toldOf(symbol)).filter((kind) => kind === 'setHalt' || kind === 'applySplit');

describe('a split of two for one', () => {
  let before: Awaited<ReturnType<typeof quoteOf>>;
  let history: Bar[];

  test('stops the symbol, ends its orders at the engine, and is news for the ledger', async () => {
    before = await quoteOf('NVDA');
    history = await barsOf('NVDA', Timeframe.TIMEFRAME_DAY, false);
    const { action } = await operator().applyCorporateAction({ action: split(1, 'NVDA', 2n, 1n) });
    expect(action).toMatchObject({ symbol: 'NVDA', referencePx: before.last, appliedAtUs: BigInt(NOW) * 1000n });
    expect((await quoteOf('NVDA')).marketState).toBe(MarketState.MARKET_STATE_HALTED);
    await eventually(async () => {
      expect((await toldOf('NVDA')).slice(-1)).toEqual(['applySplit']);
      expect(await world.service.published(corporateActionApplied)).toEqual([{ action, changedBy: USER }]);
    });
    const halted = (await world.service.published(symbolHalted)).filter(({ symbol }) => symbol === 'NVDA');
    expect(halted).toMatchObject([{ reason: 'corporate_action' }]);
  });

  test('said again it is the same one; said otherwise it is refused; another has to wait', async () => {
    const { action } = await operator().applyCorporateAction({ action: split(1, 'NVDA', 2n, 1n) });
    expect(action?.referencePx).toBe(before.last);
    expect(await world.service.published(corporateActionApplied)).toHaveLength(1);
    await expect(operator().applyCorporateAction({ action: split(1, 'NVDA', 3n, 1n) })).rejects.toMatchObject({
      code: 'already_exists',
      field: 'action.id',
    });
    await expect(operator().applyCorporateAction({ action: split(2, 'NVDA', 3n, 1n) })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'corporate_action_unfinished',
    });
  });

  test('nobody can resume it before the ledger has it', async () => {
    const call = world.as(['market:halt']).resumeSymbol({ symbol: 'NVDA' });
    await expect(call).rejects.toMatchObject({ reason: 'corporate_action_unfinished', field: 'symbol' });
  });

  test('prices are those of old shares until the minute is over, then those of new ones', async () => {
    world.moveTo(EFFECTIVE - 1);
    const old = await quoteOf('NVDA');
    world.moveTo(EFFECTIVE);
    const young = await quoteOf('NVDA');
    expect(Number(young.last) / Number(old.last)).toBeCloseTo(0.5, 2);
    expect(Number(young.previousClose) / Number(before.previousClose)).toBeCloseTo(0.5, 3);
    expect(Number(young.volume) / Number(old.volume)).toBeCloseTo(2, 2);
    expect(young.bid < young.ask).toBe(true);
  });

  test('after a restart it is still waiting, and goes on once the ledger has said so', async () => {
    world.moveTo(EFFECTIVE + 10_000);
    await world.service.restart();
    expect((await quoteOf('NVDA')).marketState).toBe(MarketState.MARKET_STATE_HALTED);
    await world.service.publish(posted(idOf(1), 'NVDA'), posted(idOf(1), 'NVDA'));
    await eventually(async () => {
      expect((await quoteOf('NVDA')).marketState).toBe(MarketState.MARKET_STATE_REGULAR);
      expect((await toldOf('NVDA')).slice(-2)).toEqual(['applySplit', 'setHalt']);
    });
  });

  test('adjusted history is that of new shares, the other stays as it was', async () => {
    world.moveTo(EFFECTIVE + 600_000);
    const from = NOW - 3 * 86_400_000;
    const raw = await barsOf('NVDA', Timeframe.TIMEFRAME_DAY, false, from);
    const adjusted = await barsOf('NVDA', Timeframe.TIMEFRAME_DAY, true, from);
    expect(raw.slice(0, -1)).toEqual(history.slice(0, -1));
    for (const [index, bar] of adjusted.slice(0, -1).entries()) {
      const old = raw[index];
      expect(Math.abs(Number(bar.close * 2n - (old?.close ?? 0n)))).toBeLessThanOrEqual(10_000);
      expect(bar.volume).toBe((old?.volume ?? 0n) * 2n);
    }
    const [today] = adjusted.slice(-1);
    expect(today).toMatchObject({ close: (await quoteOf('NVDA')).last, open: (await quoteOf('NVDA')).open });
  });

  test('a day with both kinds of shares in it is still the fold of its minutes', async () => {
    const from = Date.UTC(2026, 5, 10);
    for (const adjusted of [false, true]) {
      const pages = [await barsOf('NVDA', Timeframe.TIMEFRAME_MINUTE, adjusted, from)];
      const minutes = pages.flat();
      const [day] = (await barsOf('NVDA', Timeframe.TIMEFRAME_DAY, adjusted, from)).slice(-1);
      expect(minutes.length).toBeLessThan(1000);
      expect(day).toMatchObject({
        open: minutes[0]?.open,
        high: minutes.map(({ high }) => high).reduce((a, b) => (a > b ? a : b)),
        low: minutes.map(({ low }) => low).reduce((a, b) => (a < b ? a : b)),
        close: minutes.at(-1)?.close,
        volume: minutes.reduce((sum, { volume }) => sum + volume, 0n),
      });
    }
  });
});

test('three for two, and one for ten, scale as they say', async () => {
  world.moveTo(NOW);
  for (const [n, symbol, to, from] of [
    [11, 'KO', 3n, 2n],
    [12, 'INTC', 1n, 10n],
  ] as const) {
    const before = await quoteOf(symbol);
    await operator().applyCorporateAction({ action: split(n, symbol, to, from) });
    world.moveTo(EFFECTIVE);
    const after = await quoteOf(symbol);
    world.moveTo(NOW);
    expect((Number(after.previousClose) * Number(to)) / (Number(before.previousClose) * Number(from))).toBeCloseTo(
      1,
      3,
    );
  }
});

test('a dividend stops trading until the price has fallen by it, ends no order, and leaves no gap in the adjusted history', async () => {
  world.moveTo(NOW);
  const before = await quoteOf('JPM');
  const amount = 5_000_000n;
  await operator().applyCorporateAction({ action: dividend(21, 'JPM', amount) });
  expect((await quoteOf('JPM')).marketState).toBe(MarketState.MARKET_STATE_HALTED);
  await eventually(async () => expect(await stopsOf('JPM')).toEqual(['setHalt']));
  world.moveTo(EFFECTIVE);
  const after = await quoteOf('JPM');
  const fall = Number(before.previousClose - after.previousClose) / Number(amount);
  expect(fall).toBeCloseTo(Number(before.previousClose) / Number(before.last), 2);
  const adjusted = await barsOf('JPM', Timeframe.TIMEFRAME_MINUTE, true, EFFECTIVE - 120_000);
  const closes = adjusted.map(({ close }) => Number(close));
  expect(Math.max(...closes) / Math.min(...closes)).toBeLessThan(1.005);

  await world.service.publish(posted(idOf(21), 'JPM'));
  world.moveTo(EFFECTIVE + 10_000);
  await eventually(async () => {
    expect((await quoteOf('JPM')).marketState).toBe(MarketState.MARKET_STATE_REGULAR);
    expect(await stopsOf('JPM')).toEqual(['setHalt', 'setHalt']);
  });
});

test('a symbol that an operator has halted stays so through a dividend', async () => {
  world.moveTo(NOW);
  const boss = world.as(['market:halt', 'corporate_action:apply']);
  await boss.haltSymbol({ symbol: 'XOM', reason: 'news pending' });
  await boss.applyCorporateAction({ action: dividend(22, 'XOM', 1_000_000n) });
  await world.service.publish(posted(idOf(22), 'XOM'));
  world.moveTo(EFFECTIVE + 10_000);
  // Another that comes to its end behind it says that this one's turn is over.
  await operator().applyCorporateAction({ action: dividend(23, 'CVX', 1_000_000n) });
  world.moveTo(EFFECTIVE + 80_000);
  await world.service.publish(posted(idOf(23), 'CVX'));
  await eventually(async () => expect((await quoteOf('CVX')).marketState).toBe(MarketState.MARKET_STATE_REGULAR));
  expect((await quoteOf('XOM')).marketState).toBe(MarketState.MARKET_STATE_HALTED);
  await boss.resumeSymbol({ symbol: 'XOM' });
  expect((await quoteOf('XOM')).marketState).toBe(MarketState.MARKET_STATE_REGULAR);
});

test('the list has them newest first, page by page', async () => {
  const all: string[] = [];
  for (let after = ''; ; ) {
    const { actions, pageInfo } = await world.stock.listCorporateActions({ symbol: '', page: { first: 2, after } });
    all.push(...actions.map(({ symbol }) => symbol));
    if (pageInfo?.hasNextPage !== true) break;
    after = pageInfo.endCursor;
  }
  expect(all.toSorted()).toEqual(['CVX', 'INTC', 'JPM', 'KO', 'NVDA', 'XOM']);
  const { actions } = await world.stock.listCorporateActions({ symbol: 'JPM', page: undefined });
  expect(actions).toMatchObject([{ id: idOf(21), amount: 5_000_000n, currency: 'USD' }]);
});
