import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { Side } from '@andvari/proto/engine/v1/commands';
import { ExecType, type ExecutionReport, Liquidity, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { executionReport } from '@andvari/proto/events';
import {
  BarOrigin,
  BarPeriod,
  type CorporateAction,
  CorporateActionType,
  Timeframe,
} from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stockWorld, type World } from './stock-world.ts';

const NOW = Date.UTC(2026, 5, 10, 15, 20, 30);
const MINUTE = Date.UTC(2026, 5, 10, 15, 10);
let world: World;
beforeAll(async () => {
  world = await stockWorld({ nowMs: NOW, env: { TICK_EVERY_MS: '60000' } });
});
afterAll(() => world.close());

const ACCOUNT = '0198a000-0000-7000-8000-0000000000aa';
const SHARE = 1_000_000n;

function fill(n: number, liquidity: Liquidity, at: number, px: bigint, qty: bigint) {
  const message: ExecutionReport = {
    execId: `0-${n}-${liquidity}`,
    execType: ExecType.EXEC_TYPE_FILL,
    orderId: ACCOUNT,
    accountId: ACCOUNT,
    userId: ACCOUNT,
    symbol: 'MSFT',
    side: Side.SIDE_BUY,
    ordStatus: OrderStatus.ORDER_STATUS_FILLED,
    qty,
    lastQty: qty,
    lastPx: px,
    cumQty: qty,
    leavesQty: 0n,
    avgPx: px,
    liquidity,
    tradeId: `t${n}`,
    reason: '',
    transactTimeUs: BigInt(at) * 1000n,
    limitPx: 0n,
    stopPx: 0n,
    waterMarkPx: 0n,
    replaces: '',
    replacedBy: '',
    commandSeq: BigInt(n),
  };
  const subject = { account_partition: 10, type: 'fill' };
  return newEvent(executionReport, message, { source: 'engine', id: message.execId, subject });
}

/** Both reports of a trade. */
const trade = (n: number, at: number, px: bigint, qty: bigint) => [
  fill(n, Liquidity.LIQUIDITY_MAKER, at, px, qty),
  fill(n, Liquidity.LIQUIDITY_TAKER, at, px, qty),
];

async function bars(timeframe: Timeframe, origin: BarOrigin, adjusted = false) {
  const request = {
    symbol: 'MSFT',
    timeframe,
    adjusted,
    fromUs: BigInt(adjusted ? Date.UTC(2026, 5, 10) : MINUTE - 600_000) * 1000n,
    toUs: 0n,
    origin,
    period: BarPeriod.BAR_PERIOD_UNSPECIFIED,
    page: { first: 1000, after: '' },
    latestFirst: false,
  };
  return (await world.stock.getBars(request)).bars;
}

const venue = (timeframe: Timeframe) => bars(timeframe, BarOrigin.BAR_ORIGIN_VENUE);

test('our own trades make bars, each trade once, however often it is told', async () => {
  const told = [
    ...trade(1, MINUTE + 1000, 400_000_000n, 5n * SHARE),
    ...trade(2, MINUTE + 2000, 403_000_000n, 1n * SHARE),
    ...trade(3, MINUTE + 59_999, 399_000_000n, SHARE / 2n),
    ...trade(4, MINUTE + 60_000, 401_000_000n, 2n * SHARE),
  ];
  await world.service.publish(...told);
  await world.service.publish(...told.map((event) => Object.assign({}, event, { id: `${event.id}-again` })));
  await world.service.publish(...trade(5, MINUTE + 61_000, 402_000_000n, SHARE));
  const minute = (at: number, open: bigint, high: bigint, low: bigint, close: bigint, volume: bigint) => ({
    startsAtUs: BigInt(at) * 1000n,
    open: open * SHARE,
    high: high * SHARE,
    low: low * SHARE,
    close: close * SHARE,
    volume,
    live: false,
  });
  await eventually(async () => {
    expect(await venue(Timeframe.TIMEFRAME_MINUTE)).toEqual([
      minute(MINUTE, 400n, 403n, 399n, 399n, 6_500_000n),
      minute(MINUTE + 60_000, 401n, 402n, 401n, 402n, 3_000_000n),
    ]);
  });
  expect(await venue(Timeframe.TIMEFRAME_MINUTE_15)).toEqual([
    { ...minute(MINUTE, 400n, 403n, 399n, 402n, 9_500_000n), startsAtUs: BigInt(Date.UTC(2026, 5, 10, 15)) * 1000n },
  ]);
});

test('merged they widen the reference and add to its volume, and nothing else', async () => {
  const reference = await bars(Timeframe.TIMEFRAME_MINUTE, BarOrigin.BAR_ORIGIN_REFERENCE);
  const merged = await bars(Timeframe.TIMEFRAME_MINUTE, BarOrigin.BAR_ORIGIN_UNSPECIFIED);
  expect(merged).toHaveLength(reference.length);
  const at = BigInt(MINUTE) * 1000n;
  const [ours, theirs] = [merged, reference].map((list) => list.find(({ startsAtUs }) => startsAtUs === at));
  expect(ours).toMatchObject({ open: theirs?.open, close: theirs?.close, volume: (theirs?.volume ?? 0n) + 6_500_000n });
  const touched = new Set([MINUTE, MINUTE + 60_000].map((start) => BigInt(start) * 1000n));
  expect(merged.filter(({ startsAtUs }) => !touched.has(startsAtUs))).toEqual(
    reference.filter(({ startsAtUs }) => !touched.has(startsAtUs)),
  );
});

test('after a restart they are still there', async () => {
  const before = await venue(Timeframe.TIMEFRAME_MINUTE);
  await world.service.restart();
  expect(await venue(Timeframe.TIMEFRAME_MINUTE)).toEqual(before);
});

test('after a split on the same day a day is still the fold of its minutes, in new shares', async () => {
  const action: CorporateAction = {
    id: '0198a000-0000-7000-8000-0000000000c1',
    symbol: 'MSFT',
    type: CorporateActionType.CORPORATE_ACTION_TYPE_SPLIT,
    ratioTo: 4n,
    ratioFrom: 1n,
    amount: 0n,
    currency: '',
    exDate: '2026-06-10',
    appliedAtUs: 0n,
    referencePx: 0n,
    effectiveAtUs: 0n,
  };
  await world.as(['corporate_action:apply']).applyCorporateAction({ action });
  world.moveTo(NOW + 600_000);
  await world.service.publish(...trade(6, NOW + 300_000, 100_500_000n, SHARE));
  await eventually(async () => {
    const minutes = await bars(Timeframe.TIMEFRAME_MINUTE, BarOrigin.BAR_ORIGIN_VENUE, true);
    expect(minutes.map(({ high }) => high)).toEqual([100_750_000n, 100_500_000n, 100_500_000n]);
    const [day, ...others] = await bars(Timeframe.TIMEFRAME_DAY, BarOrigin.BAR_ORIGIN_VENUE, true);
    expect(others).toEqual([]);
    expect(day).toMatchObject({
      open: 100_000_000n,
      high: 100_750_000n,
      low: 99_750_000n,
      close: 100_500_000n,
      volume: 39_000_000n,
    });
  });
  const [merged] = await bars(Timeframe.TIMEFRAME_DAY, BarOrigin.BAR_ORIGIN_UNSPECIFIED, true);
  const [reference] = await bars(Timeframe.TIMEFRAME_DAY, BarOrigin.BAR_ORIGIN_REFERENCE, true);
  expect(merged?.low).toBe([reference?.low ?? 0n, 99_750_000n].toSorted(bySize)[0]);
  expect(merged?.high).toBe([reference?.high ?? 0n, 100_750_000n].toSorted(bySize)[1]);
});

const bySize = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
