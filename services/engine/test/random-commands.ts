import * as fc from 'fast-check';
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
      { minLength: 1, maxLength: 50, size: 'max' },
    )
    .chain((bodies) =>
      fc
        .record({ open: fc.integer({ min: 0, max: 9 }), tick: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 2) })
        .map(({ open, tick }) => [
          { kind: 'define_instrument', symbol: 'ACME', tick, tickBelowOne: tick, lot: 1 } as const,
          ...(open > 1 ? [{ kind: 'set_phase', symbol: 'ACME', phase: Phase.open } as const] : []),
          ...numbered(bodies),
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
      orderId: id(reuse < 2 ? reuse + 1 : 0),
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

/** The order and its owner are found when the sequence is complete: see `numbered`. */
function cancelling(): fc.Arbitrary<Body<Command>> {
  return fc
    .tuple(user(), fc.integer({ min: 1, max: 20 }))
    .map(([who, back]) => ({ kind: 'cancel', ...who, orderId: id(-back) }));
}

function replacing(): fc.Arbitrary<Body<Command>> {
  return fc
    .tuple(
      user(),
      fc.integer({ min: 1, max: 20 }),
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
      spread: fc.constantFrom(1, 1, 2, 2, 3, 3, 0),
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
 * Ids by position in the sequence: command i brings ids from 10 i on. The order a cancel or a replace means is drawn as
 * "so many ids back", which survives shrinking. Most come from the order's owner, some from whoever chance named.
 */
function numbered(bodies: Body<Command>[]): Body<Command>[] {
  const issued: { orderId: Uuid; accountId: Uuid; userId: Uuid }[] = [];
  const target = (body: { orderId: Uuid; accountId: Uuid; userId: Uuid }) => {
    const back = -body.orderId.d;
    const found = issued.at(-back) ?? { ...body, orderId: id(7) };
    return back % 13 === 0 ? { ...body, orderId: found.orderId } : found;
  };
  return bodies.map((body, i) => {
    switch (body.kind) {
      case 'place': {
        const placed = { ...body, orderId: fresh(body.orderId, i) };
        issued.push(placed);
        return placed;
      }
      case 'place_group': {
        const orders = body.orders.map((order, leg) => ({ ...order, orderId: fresh(order.orderId, i, leg) }));
        const { accountId, userId } = body;
        issued.push(...orders.map(({ orderId }) => ({ orderId, accountId, userId })));
        return { ...body, orders };
      }
      case 'cancel': {
        const { orderId, accountId, userId } = target(body);
        return { ...body, orderId, accountId, userId };
      }
      case 'replace': {
        const { orderId, accountId, userId } = target(body);
        const newOrderId = id((i + 1) * 10);
        issued.push({ orderId: newOrderId, accountId, userId });
        return { ...body, orderId, newOrderId, accountId, userId };
      }
      case 'quote':
      case 'set_phase':
      case 'set_halt':
      case 'expire_day':
      case 'define_instrument':
        return body;
    }
  });
}

function fresh({ d }: Uuid, i: number, leg = 0): Uuid {
  return id(d > 0 ? d * 10 : (i + 1) * 10 + leg);
}
