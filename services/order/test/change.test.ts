import { describe, expect, test } from 'vitest';
import { awaiting, type Change, decideCancel, judgeReplacement } from '../src/domain/change.ts';
import type { Market } from '../src/domain/market.ts';
import type { EngineStatus, GroupType, Order, OrderLife, OrderSpec } from '../src/domain/order.ts';
import { collars, limit, listed, market, open, orderOf, stopLimit, trailing, units } from './domain-fixture.ts';

const codeOf = (): bigint => 42n;
const code = { status: 42n };
const inGroup = (type: GroupType, leg: number): Partial<Order> => ({ group: { id: 'g', type, leg } });

describe('a cancel', () => {
  test.each<[rule: string, life: Partial<OrderLife>, outcome: 'send' | 'done' | object]>([
    ['of a resting order is sent', {}, 'send'],
    ['of one that the engine has not confirmed is sent', { status: 'pending_new' }, 'send'],
    ['of one that its user had canceled is done', { status: 'canceled', reason: 'user_requested' }, 'done'],
    ['of one that an operator had canceled is done', { status: 'canceled', reason: 'operator_requested' }, 'done'],
    [
      'of one that was canceled for another reason is too late',
      { status: 'canceled', reason: 'expired' },
      { refused: 'too_late', field: '', numbers: code },
    ],
    [
      'of one that ended otherwise is too late',
      { status: 'filled', reason: 'user_requested' },
      { refused: 'too_late', field: '', numbers: code },
    ],
    ['that is under way already is done', { pending: 'cancel' }, 'done'],
    ['while it is replaced waits', { pending: 'replace' }, { refused: 'change_pending', field: '', numbers: code }],
  ])('%s', (_, life, outcome) => {
    expect(decideCancel(orderOf(limit, life), codeOf)).toEqual(outcome);
  });
});

const nothing: Change = { qty: 0n, limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };
const more: Change = { ...nothing, qty: units(12) };

describe('a replacement', () => {
  /** The ladder in its order of precedence. */
  test.each<[rule: string, order: Order, change: Change, refusal: object, on?: Market]>([
    [
      'of what has ended is too late',
      orderOf(limit, { status: 'filled', pending: 'cancel' }),
      more,
      { refused: 'too_late', field: '', numbers: code },
    ],
    [
      'during another change waits',
      orderOf(market, { pending: 'cancel' }),
      more,
      { refused: 'change_pending', field: '', numbers: code },
    ],
    ['of an order at market is none', orderOf(market), more, { refused: 'not_replaceable', field: 'order_id' }],
    [
      'of a leg to another size is refused',
      orderOf(limit, {}, inGroup('bracket', 0)),
      more,
      { refused: 'group_quantity_fixed', field: 'qty', numbers: { quantity: units(10) } },
    ],
    ['of nothing is none', orderOf(limit), nothing, { refused: 'nothing_to_change', field: '' }],
    [
      'by the same is none',
      orderOf(limit),
      { ...nothing, qty: units(10), limitPx: units(99) },
      { refused: 'nothing_to_change' },
    ],
    [
      'of a leg that has shrunk to what it is, is none',
      orderOf(limit, { qty: units(6) }, inGroup('oco', 0)),
      { ...nothing, qty: units(6) },
      { refused: 'nothing_to_change' },
    ],
    [
      'to no more than is filled is refused',
      orderOf(limit, { cumQty: units(4) }),
      { ...nothing, qty: units(4) },
      { refused: 'quantity_not_above_filled', field: 'qty', numbers: { filled: units(4), quantity: units(4) } },
    ],
    [
      'is judged as if it were placed',
      orderOf(limit),
      { ...nothing, limitPx: units(99.005) },
      { refused: 'price_off_tick', field: 'limit_px' },
    ],
    ['waits for a halt to end', orderOf(limit), more, { refused: 'symbol_halted' }, listed({ halted: true })],
  ])('%s', (_, order, change, refusal, on = open) => {
    expect(judgeReplacement(order, [], change, on, collars, codeOf)).toMatchObject(refusal);
  });

  test.each<[rule: string, order: Order, change: Change, spec: object, on?: Market]>([
    [
      'of its size',
      orderOf(limit, { cumQty: units(4) }),
      { ...nothing, qty: units(5) },
      { qty: units(5), limitPx: units(99) },
    ],
    [
      'of its limit',
      orderOf(limit, { cumQty: units(4) }),
      { ...nothing, limitPx: units(98) },
      { qty: units(10), limitPx: units(98) },
    ],
    [
      'of its stop',
      orderOf(stopLimit, { status: 'accepted' }),
      { ...nothing, stopPx: units(109) },
      { stopPx: units(109), limitPx: units(111) },
    ],
    [
      'from one trail',
      orderOf(trailing),
      { ...nothing, trailAmount: units(6) },
      { trailAmount: units(6), trailPercent: 0n },
    ],
    [
      'to another kind of trail',
      orderOf(trailing),
      { ...nothing, trailPercent: 7n },
      { trailAmount: 0n, trailPercent: 7n },
    ],
    [
      'that leaves the trail as it is',
      orderOf(trailing),
      more,
      { trailAmount: units(5), trailPercent: 0n, qty: units(12) },
    ],
    [
      'of a leg that has shrunk, with its size',
      orderOf(limit, { qty: units(6) }, inGroup('oco', 0)),
      { ...nothing, qty: units(6), limitPx: units(98) },
      { qty: units(6), limitPx: units(98) },
    ],
    [
      'of an order for money, by its shares',
      orderOf({ ...limit, notional: 5n }),
      more,
      { qty: units(12), notional: 0n },
    ],
    [
      'of an exit that waits, whatever the market does',
      orderOf(limit, { status: 'held' }),
      more,
      { qty: units(12) },
      listed({ halted: true }),
    ],
  ])('%s', (_, order, change, spec, on = open) => {
    const judged = judgeReplacement(order, [], change, on, collars, codeOf);
    expect(judged).toMatchObject({ spec });
    expect(judged).toHaveProperty('placement.qty', 'spec' in judged ? judged.spec.qty : undefined);
  });

  test.each<[status: EngineStatus]>([['pending_new'], ['accepted'], ['held'], ['new'], ['partially_filled']])(
    'of an order that is %s can be',
    (status) => {
      expect(judgeReplacement(orderOf(limit, { status }), [], more, open, collars, codeOf)).toHaveProperty('spec');
    },
  );
});

const leg = (at: number, spec: OrderSpec, life: Partial<OrderLife> = {}): Order =>
  orderOf(spec, life, { id: `leg ${at}`, ...inGroup('bracket', at) });

describe('a replacement in a group', () => {
  const entry = leg(0, limit);
  const profit = leg(1, { ...limit, side: 'sell', limitPx: units(120) }, { status: 'held' });
  const stop = leg(2, { ...stopLimit, side: 'sell', stopPx: units(90), limitPx: units(80) }, { status: 'held' });
  const trail = leg(2, { ...trailing, side: 'sell' }, { status: 'held' });
  const done = leg(0, limit, { status: 'filled' });
  const cases: [rule: string, order: Order, others: Order[], change: Partial<Change>, refusal?: object][] = [
    ['of a profit to beyond its stop', profit, [done, stop], { limitPx: units(91) }],
    [
      'of a profit to its stop',
      profit,
      [done, stop],
      { limitPx: units(90) },
      { field: 'limit_px', numbers: { profit: units(90), stop: units(90) } },
    ],
    [
      'of a stop to above its profit',
      stop,
      [done, profit],
      { stopPx: units(121) },
      { field: 'stop_px', numbers: { stop: units(121), profit: units(120) } },
    ],
    ['of a profit, where the stop trails', profit, [done, trail], { limitPx: units(60) }],
    [
      'of a stop to above what is bought yet',
      stop,
      [entry, profit],
      { stopPx: units(99.01) },
      { field: 'stop_px', numbers: { stop: units(99.01), entry: units(99) } },
    ],
    ['of a stop to above what was bought', stop, [done, profit], { stopPx: units(119) }],
    [
      'of an entry to below its stop',
      entry,
      [profit, stop],
      { limitPx: units(89) },
      { field: 'limit_px', numbers: { entry: units(89), stop: units(90) } },
    ],
    [
      'of an entry at the price of its own past',
      entry,
      [leg(0, limit, { status: 'replaced' }), profit, stop],
      { limitPx: units(98) },
    ],
    [
      'beside a profit that is to be replaced',
      stop,
      [
        done,
        { ...profit, spec: { ...profit.spec, limitPx: units(95) }, life: { ...profit.life, pending: 'replace' } },
        { ...profit, id: 'next' },
      ],
      { stopPx: units(96) },
      { field: 'stop_px', numbers: { stop: units(96), profit: units(95) } },
    ],
    [
      'beside an exit that has ended',
      stop,
      [done, leg(1, profit.spec, { status: 'canceled' })],
      { stopPx: units(121) },
    ],
  ];
  test.each(cases)('%s', (_, order, others, change, refusal) => {
    const judged = judgeReplacement(order, [order, ...others], { ...nothing, ...change }, open, collars, codeOf);
    if (refusal === undefined) expect(judged).toHaveProperty('spec');
    else expect(judged).toEqual({ refused: 'exit_on_wrong_side', ...refusal });
  });
});

test('an order that awaits an answer says since when it has not had one', () => {
  const asked = awaiting(orderOf(limit), 'cancel', 8n);
  expect(asked.life).toMatchObject({ pending: 'cancel', awaitingSinceUs: 8n, updatedAtUs: 8n, version: 2n });
  expect(awaiting(orderOf(limit, { awaitingSinceUs: 3n }), 'replace', 8n).life).toMatchObject({
    pending: 'replace',
    awaitingSinceUs: 3n,
  });
});
