import { describe, expect, test } from 'vitest';
import type { Placement } from '../src/domain/judge-order.ts';
import type { Market } from '../src/domain/market.ts';
import type { Order, OrderSpec } from '../src/domain/order.ts';
import {
  foresee,
  type Level,
  ownTouch,
  type Walk,
  type Warning,
  walkBook,
  warningsOf,
  wouldCross,
} from '../src/domain/preview.ts';
import { closed, limit, market, NOW, open, quote, stop, units } from './domain-fixture.ts';

const at = (px: number, qty: number): Level => ({ px: units(px), qty: units(qty) });
const asks = [at(100, 4), at(101, 4), at(103, 10)];
const bids = asks.map(({ px, qty }) => ({ px: 2n * units(100) - px, qty }));
const placed = (spec: OrderSpec, collarPx = 0n): Placement => {
  return { qty: spec.qty, collarPx, collarOffset: 0n, asset: 'USD', principal: 0n, exposure: 0n };
};
const buy = (limitPx: number, of: Partial<OrderSpec> = {}): OrderSpec => ({ ...limit, limitPx: units(limitPx), ...of });
const nothing: Walk = {
  fillsQty: 0n,
  restsQty: 0n,
  avgPx: 0n,
  worstPx: 0n,
  notional: 0n,
  slippagePx: 0n,
  slippagePpm: 0n,
};
const lies = (side: 'buy' | 'sell', px: number, status = 'new') =>
  ({ spec: buy(px, { side }), life: { status } }) as Order;
const all = (of: Partial<Walk>): Walk => ({ ...nothing, ...of });

describe('a walk through the book', () => {
  test.each<[what: string, spec: OrderSpec, levels: Level[], walk: Walk, collarPx?: bigint]>([
    ['an empty one', buy(100), [], all({ restsQty: units(10) })],
    ['none at the limit', buy(99.99), asks, all({ restsQty: units(10) })],
    [
      'up to the limit, and no further',
      buy(101),
      asks,
      all({
        fillsQty: units(8),
        restsQty: units(2),
        avgPx: units(100.5),
        worstPx: units(101),
        notional: units(804),
        slippagePx: units(0.5),
        slippagePpm: 5000n,
      }),
    ],
    [
      'no further than it is long',
      buy(200, { qty: units(4) }),
      asks,
      all({ fillsQty: units(4), avgPx: units(100), worstPx: units(100), notional: units(400) }),
    ],
    [
      'down to a limit',
      buy(99, { side: 'sell' }),
      bids,
      all({
        fillsQty: units(8),
        restsQty: units(2),
        avgPx: units(99.5),
        worstPx: units(99),
        notional: units(796),
        slippagePx: units(0.5),
        slippagePpm: 5000n,
      }),
    ],
    [
      'at market up to the collar',
      market,
      asks,
      all({
        fillsQty: units(8),
        restsQty: units(2),
        avgPx: units(100.5),
        worstPx: units(101),
        notional: units(804),
        slippagePx: units(0.5),
        slippagePpm: 5000n,
      }),
      units(102),
    ],
    [
      'what it comes to as the ledger books it: rounded at each price, to the nearer micro-unit',
      { ...market, qty: 3n },
      [
        { px: 500_000n, qty: 1n },
        { px: 500_001n, qty: 1n },
        { px: 700_000n, qty: 1n },
      ],
      all({
        fillsQty: 3n,
        restsQty: 0n,
        avgPx: 566_667n,
        worstPx: 700_000n,
        // 0.5, 0.500001 and 0.7 of a micro-unit: none, one and one.
        notional: 2n,
        slippagePx: 66_667n,
        slippagePpm: 133_334n,
      }),
      units(1),
    ],
    [
      'on average what the engine says of it: half to even, not down',
      { ...market, qty: 3n },
      [
        { px: 500_000n, qty: 2n },
        { px: 500_002n, qty: 1n },
      ],
      all({ fillsQty: 3n, avgPx: 500_001n, worstPx: 500_002n, notional: 2n, slippagePx: 1n, slippagePpm: 2n }),
      units(1),
    ],
    ['none by a stop, which waits', { ...stop, limitPx: units(200) }, asks, all({ restsQty: units(10) })],
  ])('%s', (_, spec, levels, walk, collarPx = 0n) => {
    expect(walkBook(spec, placed(spec, collarPx), levels)).toEqual(walk);
  });
});

describe('what the engine would do now', () => {
  const partly = all({
    fillsQty: units(8),
    restsQty: units(2),
    avgPx: units(100.5),
    worstPx: units(101),
    notional: units(804),
    slippagePx: units(0.5),
    slippagePpm: 5000n,
  });
  test.each<[what: string, spec: OrderSpec, walk: Walk]>([
    ['the rest of a day order rests', buy(101), partly],
    ['the rest of one at market does not', { ...market, limitPx: 0n }, { ...partly, restsQty: 0n }],
    ['the rest of an immediate one does not', buy(101, { timeInForce: 'ioc' }), { ...partly, restsQty: 0n }],
    ['all or nothing is nothing', buy(101, { timeInForce: 'fok' }), nothing],
    [
      'or all',
      buy(100, { timeInForce: 'fok', qty: units(4) }),
      all({ fillsQty: units(4), avgPx: units(100), worstPx: units(100), notional: units(400) }),
    ],
    ['one that only waits and would trade is not taken', buy(101, { postOnly: true }), nothing],
    ['one that only waits, waits', buy(99, { postOnly: true }), all({ restsQty: units(10) })],
    ['for the opening it waits whole', buy(101, { timeInForce: 'opg' }), all({ restsQty: units(10) })],
    ['for the closing too', buy(101, { timeInForce: 'cls' }), all({ restsQty: units(10) })],
  ])('%s', (_, spec, walk) => {
    expect(foresee(spec, placed(spec, units(101)), open, asks)).toEqual(walk);
  });

  const four = all({ fillsQty: units(4), avgPx: units(100), worstPx: units(100), notional: units(400) });
  test.each<[what: string, spec: OrderSpec, ownPx: bigint, walk: Walk]>([
    ['is cancelled from there on', buy(103), units(101), { ...four, ownPx: units(101) }],
    ['at market too', market, units(101), { ...four, ownPx: units(101) }],
    ['at the best price nothing trades', buy(103), units(100), all({ ownPx: units(100) })],
    ['all or nothing is nothing', buy(103, { timeInForce: 'fok' }), units(101), all({ ownPx: units(101) })],
    ['one that does not come so far rests', buy(100), units(101), { ...four, restsQty: units(6) }],
    ['one that is full before is full', buy(103, { qty: units(4) }), units(101), four],
    ['a stop waits', stop, units(100), all({ restsQty: units(10) })],
    ['a sale comes down to it', buy(97, { side: 'sell' }), units(99), { ...four, ownPx: units(99) }],
  ])('where an order of their own waits: %s', (_, spec, ownPx, walk) => {
    const levels = spec.side === 'buy' ? asks : bids;
    expect(foresee(spec, placed(spec, units(103)), open, levels, ownPx)).toEqual(walk);
  });

  test('their own best price is that of what rests on the other side', () => {
    const resting = [lies('buy', 98), lies('buy', 99), lies('sell', 102), lies('sell', 101, 'partially_filled')];
    const waiting = [lies('sell', 90, 'held'), lies('buy', 110, 'accepted'), lies('sell', 0)];
    expect(ownTouch('buy', [...resting, ...waiting])).toBe(units(101));
    expect(ownTouch('sell', [...resting, ...waiting])).toBe(units(99));
    expect(ownTouch('buy', waiting)).toBeUndefined();
  });

  test.each<[what: string, spec: OrderSpec]>([
    ['a limit that would trade were it open', buy(101)],
    ['one that only waits: it is taken', buy(101, { postOnly: true })],
    ['one for the opening', buy(101, { timeInForce: 'opg' })],
  ])('while the market is closed all of it waits: %s', (_, spec) => {
    expect(foresee(spec, placed(spec), closed, asks)).toEqual(all({ restsQty: units(10) }));
    expect(wouldCross(spec, placed(spec), closed, asks)).toBe(false);
  });

  test('only what is to wait crosses', () => {
    const waitsAt = (px: number) => buy(px, { postOnly: true });
    expect(wouldCross(buy(101), placed(buy(101)), open, asks)).toBe(false);
    expect(wouldCross(waitsAt(99), placed(waitsAt(99)), open, asks)).toBe(false);
    expect(wouldCross(waitsAt(101), placed(waitsAt(101)), open, asks)).toBe(true);
  });
});

describe('what somebody may want to know before', () => {
  const rests = all({ restsQty: units(10) });
  const done = all({ fillsQty: units(10) });
  const half = all({ fillsQty: units(8), restsQty: units(2) });
  const large = { ...open, quote: { ...quote, volume: units(1000) } };
  const now = { code: 'would_not_trade_now', numbers: {} } as const;
  type Row = [what: string, spec: OrderSpec, walk: Walk, warnings: Warning[], on?: Market];
  const rows: Row[] = [
    ['nothing of one that trades at once', buy(100.01), done, []],
    ['nothing without a market', market, done, [], { ...open, quote: undefined, clock: undefined }],
    [
      'that the market is closed',
      buy(100),
      rests,
      [{ code: 'queued_until_open', numbers: { opens_at_us: 77n } }],
      closed,
    ],
    [
      'that the price is old',
      market,
      done,
      [{ code: 'price_stale', numbers: { as_of_us: NOW - 1n } }],
      { ...open, nowUs: NOW + 2n },
    ],
    ['but not in its last moment', market, done, [], { ...open, nowUs: NOW + 1n }],
    ['that nothing trades now', buy(100), rests, [now]],
    ['nothing of a stop that waits', stop, rests, []],
    [
      'that its limit is far below',
      buy(89.99),
      rests,
      [{ code: 'limit_outside_spread', numbers: { limit: units(89.99), touch: units(100.01) } }, now],
    ],
    ['but not at the tenth', buy(90), rests, [now]],
    [
      'that its limit is far above',
      buy(110.01),
      done,
      [{ code: 'limit_outside_spread', numbers: { limit: units(110.01), touch: units(100.01) } }],
    ],
    ['but not at the tenth above', buy(110), done, []],
    [
      'that a sale is far above',
      buy(110.01, { side: 'sell' }),
      rests,
      [{ code: 'limit_outside_spread', numbers: { limit: units(110.01), touch: units(99.99) } }, now],
    ],
    ['nothing of a limit where nobody knows the price', buy(1), rests, [now], { ...open, quote: undefined }],
    [
      'that it waits for an auction',
      buy(100, { timeInForce: 'opg' }),
      rests,
      [{ code: 'waits_for_auction', numbers: {} }],
    ],
    [
      'that at market it waits for one, too',
      { ...market, timeInForce: 'cls' },
      rests,
      [{ code: 'waits_for_auction', numbers: {} }],
    ],
    [
      'that it would be canceled',
      buy(100, { timeInForce: 'ioc' }),
      nothing,
      [{ code: 'would_be_canceled', numbers: {} }],
    ],
    [
      'that its rest would be',
      buy(100, { timeInForce: 'ioc' }),
      all({ fillsQty: units(8) }),
      [{ code: 'rest_would_be_canceled', numbers: { quantity: units(2) } }],
    ],
    ['nothing of an immediate one that fills', buy(100, { timeInForce: 'ioc' }), done, []],
    [
      'that it goes beyond the book',
      market,
      all({ fillsQty: units(8) }),
      [
        { code: 'rest_would_be_canceled', numbers: { quantity: units(2) } },
        { code: 'partly_beyond_book', numbers: { quantity: units(10), visible: 99n } },
      ],
    ],
    [
      'that it comes to an order of their own',
      buy(101),
      all({ fillsQty: units(4), ownPx: units(101) }),
      [
        { code: 'rest_would_be_canceled', numbers: { quantity: units(6) } },
        { code: 'would_meet_own_order', numbers: { price: units(101) } },
      ],
    ],
    [
      'that at market it comes to one, and not that the book ends',
      market,
      all({ ownPx: units(100) }),
      [
        { code: 'would_be_canceled', numbers: {} },
        { code: 'would_meet_own_order', numbers: { price: units(100) } },
      ],
    ],
    ['nothing of a rest that has a price', buy(101), half, []],
    [
      'that it costs more than was said',
      { ...market, notional: units(50) },
      all({ fillsQty: units(10), notional: units(51) }),
      [{ code: 'above_notional', numbers: { notional: units(50), cost: units(51) } }],
    ],
    [
      'but not that it costs just that',
      { ...market, notional: units(50) },
      all({ fillsQty: units(10), notional: units(50) }),
      [],
    ],
    ['nothing of the cost of shares', market, all({ fillsQty: units(10), notional: units(51) }), []],
    [
      'that it slips',
      market,
      { ...done, slippagePpm: 10_001n },
      [{ code: 'slippage_high', numbers: { ratio: 10_001n } }],
    ],
    ['but not by a hundredth', market, { ...done, slippagePpm: 10_000n }, []],
    [
      'that it is large',
      { ...market, qty: units(10) + 1n },
      all({ fillsQty: units(10) + 1n }),
      [{ code: 'large_against_volume', numbers: { quantity: units(10) + 1n, volume: units(1000) } }],
      large,
    ],
    ['but not at a hundredth', market, done, [], large],
    ['nothing of size on a day without trades', market, done, [], { ...open, quote: { ...quote, volume: 0n } }],
  ];
  test.each(rows)('%s', (_, spec, walk, warnings, on = open) => {
    expect(warningsOf(spec, placed(spec), on, walk, 99n)).toEqual(warnings);
  });

  test('while closed nothing is said of what would trade', () => {
    const codes = [buy(100, { timeInForce: 'ioc' }), market].map((spec) =>
      warningsOf(spec, placed(spec), closed, half, 0n),
    );
    expect(codes.flat().map((warning) => warning.code)).toEqual(['queued_until_open', 'queued_until_open']);
  });
});
