import fc from 'fast-check';
import { GroupKind, OrderType, Phase, Side, TimeInForce } from '../src/domain/codes.ts';
import type { Command, OrderTerms } from '../src/domain/command.ts';
import type { Uuid } from '../src/domain/uuid.ts';
import { type Body, id, owner } from './flow.ts';

/**
 * Commands drawn from a small world, so that they meet: twenty prices, four users, ids that are mostly new but are
 * sometimes used again, and now and then a number that no order may have.
 */
export function commands(): fc.Arbitrary<Body<Command>[]> {
  return fc
    .array(
      fc.oneof(
        { weight: 12, arbitrary: single() },
        { weight: 3, arbitrary: group() },
        { weight: 3, arbitrary: cancelling() },
        { weight: 4, arbitrary: replacing() },
        { weight: 3, arbitrary: quoting() },
        { weight: 1, arbitrary: day() },
      ),
      { minLength: 1, maxLength: 40 },
    )
    .chain((bodies) =>
      fc
        .record({ open: fc.integer({ min: 0, max: 9 }), tick: fc.constantFrom(1, 1, 1, 2) })
        .map(({ open, tick }) => [
          { kind: 'define_instrument', symbol: 'ACME', tick, tickBelowOne: tick, lot: 1 } as const,
          ...(open > 1 ? [{ kind: 'set_phase', symbol: 'ACME', phase: Phase.open } as const] : []),
          ...owned(bodies.map((body, i) => numbered(body, i))),
        ]),
    );
}

const USERS = 4;
const price = () =>
  fc.oneof({ weight: 30, arbitrary: fc.integer({ min: 1, max: 20 }) }, { weight: 1, arbitrary: odd(2 ** 53) });
const quantity = () =>
  fc.oneof({ weight: 30, arbitrary: fc.integer({ min: 1, max: 12 }) }, { weight: 1, arbitrary: odd(2 ** 52 - 1) });

function odd(large: number) {
  return fc.constantFrom(0, -1, 0.5, Number.NaN, Infinity, 2 ** 53, large);
}

function terms(): fc.Arbitrary<OrderTerms> {
  return fc
    .record({
      side: fc.constantFrom(Side.buy, Side.sell),
      type: fc.constantFrom(...types),
      timeInForce: fc.constantFrom(...timesInForce),
      postOnly: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      qty: quantity(),
      limitPrice: price(),
      stopPrice: price(),
      trail: fc.integer({ min: 1, max: 6 }),
      byPercent: fc.boolean(),
      collarOffset: fc.integer({ min: 1, max: 8 }),
      reuse: fc.integer({ min: 0, max: 60 }),
    })
    .map(({ trail, byPercent, reuse, type, timeInForce, ...rest }) => ({
      ...rest,
      type,
      timeInForce: type >= OrderType.stop && timeInForce > TimeInForce.gtc ? TimeInForce.gtc : timeInForce,
      trailAmount: byPercent ? 0 : trail,
      trailPpm: byPercent ? trail * 50_000 : 0,
      orderId: id(reuse < 6 ? reuse + 1 : 0),
    }));
}

const types = [
  OrderType.limit,
  OrderType.limit,
  OrderType.limit,
  OrderType.market,
  OrderType.stop,
  OrderType.stop_limit,
  OrderType.trailing_stop,
] as const;
const timesInForce = [
  TimeInForce.gtc,
  TimeInForce.gtc,
  TimeInForce.day,
  TimeInForce.day,
  TimeInForce.ioc,
  TimeInForce.fok,
  TimeInForce.opg,
  TimeInForce.cls,
] as const;

function user() {
  return fc.integer({ min: 1, max: USERS }).map((n) => ({ symbol: 'ACME', ...owner(n) }));
}

function single(): fc.Arbitrary<Body<Command>> {
  return fc.tuple(user(), terms()).map(([who, order]) => ({ kind: 'place', ...who, ...order }));
}

/** Mostly groups that fit, so that they live long enough to meet something. */
function group(): fc.Arbitrary<Body<Command>> {
  return fc
    .tuple(
      user(),
      terms(),
      terms(),
      terms(),
      fc.constantFrom(GroupKind.bracket, GroupKind.oco, GroupKind.oto),
      fc.integer({ min: 0, max: 9 }),
    )
    .map(([who, entry, profit, stop, kind, chaos]) => {
      if (chaos === 0) return { kind: 'place_group', ...who, group: kind, orders: [entry, profit, stop] };
      const side = entry.side === Side.buy ? Side.sell : Side.buy;
      const common = {
        side,
        qty: entry.qty,
        timeInForce: Math.min(profit.timeInForce, 1) as TimeInForce,
        postOnly: false,
      };
      const [near, far] = [
        Math.min(profit.limitPrice, stop.stopPrice),
        Math.max(profit.limitPrice, stop.stopPrice) + 2,
      ];
      const takeProfit = { ...profit, ...common, type: OrderType.limit, limitPrice: side === Side.sell ? far : near };
      const stopType = Math.max(stop.type, OrderType.stop) as OrderType;
      const stopLoss = { ...stop, ...common, type: stopType, stopPrice: side === Side.sell ? near : far };
      const orders: Record<GroupKind, OrderTerms[]> = {
        [GroupKind.bracket]: [entry, takeProfit, stopLoss],
        [GroupKind.oco]: [takeProfit, stopLoss],
        [GroupKind.oto]: [entry, chaos % 2 === 0 ? takeProfit : stopLoss],
      };
      return { kind: 'place_group', ...who, group: kind, orders: orders[kind] };
    });
}

/** The order and its owner are found by number when the sequence is complete: see `numbered`. */
function cancelling(): fc.Arbitrary<Body<Command>> {
  return fc
    .tuple(user(), fc.integer({ min: 1, max: 60 }))
    .map(([who, back]) => ({ kind: 'cancel', ...who, orderId: id(-back) }));
}

function replacing(): fc.Arbitrary<Body<Command>> {
  return fc
    .tuple(
      user(),
      fc.integer({ min: 1, max: 30 }),
      quantity(),
      price(),
      price(),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
    )
    .map(([who, back, qty, limitPrice, stopPrice, trail, byPercent]) => ({
      kind: 'replace',
      ...who,
      orderId: id(-back),
      newOrderId: id(0),
      qty,
      limitPrice,
      stopPrice,
      trailAmount: byPercent ? 0 : trail,
      trailPpm: byPercent ? trail * 50_000 : 0,
    }));
}

function quoting(): fc.Arbitrary<Body<Command>> {
  const sizes = fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 3 });
  return fc
    .record({
      middle: fc.integer({ min: 4, max: 18 }),
      spread: fc.integer({ min: 0, max: 3 }),
      bids: sizes,
      asks: sizes,
      reference: fc.boolean(),
    })
    .map(({ middle, spread, bids, asks, reference }) => ({
      kind: 'quote',
      symbol: 'ACME',
      ...owner(9),
      reference: reference ? middle : 0,
      bids: bids.map((qty, i) => ({ price: middle - i, qty })),
      asks: asks.map((qty, i) => ({ price: middle + spread + i, qty })),
    }));
}

function day(): fc.Arbitrary<Body<Command>> {
  return fc.oneof(
    fc
      .constantFrom(Phase.closed, Phase.pre_open, Phase.open, Phase.open, Phase.open, Phase.closing)
      .map((phase) => ({ kind: 'set_phase', symbol: 'ACME', phase }) as const),
    fc.boolean().map((halted) => ({ kind: 'set_halt', symbol: 'ACME', halted }) as const),
    fc.constant({ kind: 'expire_day', symbol: 'ACME' } as const),
  );
}

/**
 * Ids by position in the sequence: order i of the sequence has ids from 10 i on. An id below zero means "so many
 * commands back", which survives shrinking.
 */
function numbered(body: Body<Command>, i: number): Body<Command> {
  const fresh = (orderId: { d: number }, leg = 0) => id(orderId.d > 0 ? orderId.d * 10 : (i + 1) * 10 + leg);
  const back = (orderId: { d: number }) => {
    const steps = -orderId.d;
    return id(Math.max(1, i + 1 - Math.ceil(steps / 3)) * 10 + (steps % 3));
  };
  switch (body.kind) {
    case 'place':
      return { ...body, orderId: fresh(body.orderId) };
    case 'place_group':
      return { ...body, orders: body.orders.map((order, leg) => ({ ...order, orderId: fresh(order.orderId, leg) })) };
    case 'cancel':
      return { ...body, orderId: back(body.orderId) };
    case 'replace':
      return { ...body, orderId: back(body.orderId), newOrderId: id((i + 1) * 10) };
    case 'quote':
    case 'set_phase':
    case 'set_halt':
    case 'expire_day':
    case 'define_instrument':
      return body;
  }
}

/** Most cancels and replaces come from the order's owner; some from whoever chance named. */
function owned(bodies: Body<Command>[]): Body<Command>[] {
  const owners = new Map<number, { accountId: Uuid; userId: Uuid }>();
  return bodies.map((body) => {
    if (body.kind === 'place') owners.set(body.orderId.d, body);
    if (body.kind === 'place_group') for (const order of body.orders) owners.set(order.orderId.d, body);
    if (body.kind !== 'cancel' && body.kind !== 'replace') return body;
    const { accountId, userId } = owners.get(body.orderId.d) ?? body;
    if (body.kind === 'replace') owners.set(body.newOrderId.d, { accountId, userId });
    return body.userId.d === 1 && body.orderId.d % 4 === 0 ? body : { ...body, accountId, userId };
  });
}
