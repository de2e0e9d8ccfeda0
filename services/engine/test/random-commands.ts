import * as fc from 'fast-check';
import { GroupKind, OrderType, Phase, Side, TimeInForce } from '../src/domain/codes.ts';
import { type Command, MAX_PRICE, MAX_QTY, type OrderTerms } from '../src/domain/command.ts';
import type { Uuid } from '../src/domain/uuid.ts';
import { type Body, id } from './flow.ts';
import { type Sketch, withTargets } from './targets.ts';
import { type World, worlds } from './worlds.ts';

/**
 * Commands drawn from a small world, so that they meet: twenty prices, four users with two accounts each, two symbols,
 * cancels and replacements that mostly mean an order that lives, and now and then a number that no order may have.
 * `test/random-paths.test.ts` counts what they reach.
 */
export function commands(): fc.Arbitrary<Body<Command>[]> {
  return fc.constantFrom(...worlds).chain((world) =>
    fc
      .record({
        bodies: fc.array(sketch(world), { minLength: 1, maxLength: 90, size: 'max' }),
        waits: chance(5),
        both: fc.constantFrom(true, true, true, false),
      })
      .map(({ bodies, waits, both }) =>
        withTargets([
          definition(world, 'ACME'),
          ...(both ? [definition(world, 'EMCA'), setPhase('EMCA', Phase.open)] : []),
          ...(waits ? [] : [setPhase('ACME', Phase.open)]),
          ...bodies,
        ]),
      ),
  );
}

function sketch(world: World): fc.Arbitrary<Sketch> {
  return fc.oneof(
    { weight: 24, arbitrary: single(world) },
    { weight: 9, arbitrary: group(world) },
    { weight: 5, arbitrary: cancelling() },
    { weight: 10, arbitrary: replacing(world) },
    { weight: 7, arbitrary: quoting(world) },
    { weight: 8, arbitrary: day() },
    { weight: 1, arbitrary: redefining(world) },
  );
}

/** Once in `n` times. */
function chance(n: number): fc.Arbitrary<boolean> {
  return fc.integer({ min: 0, max: n - 1 }).map((drawn) => drawn === 0);
}

function mostly<T>(usual: fc.Arbitrary<T>, weight: number, rare: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });
}

const oddNumbers = [0, -1, 0.5, Number.NaN, Infinity, 2 ** 53];

function price(world: World, min = 1, max = 20): fc.Arbitrary<number> {
  const usual = fc.integer({ min, max }).map(world.price);
  return mostly(usual, world.tame, fc.constantFrom(...oddNumbers, world.offTick, MAX_PRICE, 2 ** 40));
}

function quantity(world: World): fc.Arbitrary<number> {
  const usual = fc.integer({ min: 1, max: 12 }).map((lots) => lots * world.size);
  return mostly(usual, world.tame, fc.constantFrom(...oddNumbers, 1, MAX_QTY, 2 ** 40));
}

function trail(world: World): fc.Arbitrary<{ trailAmount: number; trailPpm: number }> {
  const steps = fc.integer({ min: 1, max: 6 });
  const usual = fc.oneof(
    steps.map((n) => ({ trailAmount: n * world.unit, trailPpm: 0 })),
    steps.map((n) => ({ trailAmount: 0, trailPpm: n * 50_000 })),
  );
  const odd = fc.constantFrom(...oddNumbers, 1_000_000).map((n) => ({ trailAmount: 0, trailPpm: n }));
  return mostly(usual, world.tame, fc.oneof(odd, fc.constant({ trailAmount: 1, trailPpm: 1 })));
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
const { gtc, day: untilDayEnd, ioc, fok, opg, cls } = TimeInForce;
const resting = [gtc, gtc, gtc, gtc, untilDayEnd, untilDayEnd, untilDayEnd, untilDayEnd] as const;
const timesInForce = [...resting, ioc, fok, fok, opg, opg, cls, cls] as const;

function terms(world: World): fc.Arbitrary<OrderTerms> {
  return fc
    .record({
      side: fc.constantFrom(Side.buy, Side.sell),
      type: fc.constantFrom(...types),
      timeInForce: fc.constantFrom(...timesInForce),
      postOnly: chance(10),
      qty: quantity(world),
      /** Buyers and sellers overlap only in the middle, so books grow deep. */
      low: price(world, 1, 13),
      high: price(world, 8, 20),
      stopPrice: price(world),
      trail: trail(world),
      collarOffset: mostly(
        fc.integer({ min: 1, max: 8 }).map((n) => n * world.unit),
        world.tame,
        fc.constantFrom(...oddNumbers, MAX_PRICE),
      ),
      odd: fc.integer({ min: 0, max: 199 }),
      /** Mostly 0: an id of its own, by its place in the sequence. */
      reuse: fc.integer({ min: 0, max: 60 }),
    })
    .map(({ trail: drawn, reuse, odd, type, timeInForce, postOnly, low, high, ...rest }) => {
      const stop = type >= OrderType.stop;
      const fits = odd !== 0;
      const reaches = type === OrderType.market || timeInForce > gtc;
      const order = {
        ...rest,
        ...drawn,
        limitPrice: (rest.side === Side.buy) === reaches ? high : low,
        type,
        timeInForce: fits && stop && timeInForce > gtc ? gtc : timeInForce,
        postOnly: fits ? postOnly && type === OrderType.limit && timeInForce <= gtc : postOnly,
        orderId: id(reuse < 2 ? reuse + 1 : 0),
      };
      return odd === 1 ? malformed(order) : order;
    });
}

function malformed(order: OrderTerms): OrderTerms {
  if (order.qty % 3 === 0) return { ...order, side: 7 as Side };
  return order.qty % 3 === 1 ? { ...order, type: 9 as OrderType } : { ...order, orderId: { a: 0.5, b: 0, c: 0, d: 3 } };
}

function place() {
  return mostly(fc.constantFrom('ACME', 'ACME', 'ACME', 'ACME', 'EMCA'), 60, fc.constant('NONE'));
}

function user() {
  return fc
    .record({
      symbol: place(),
      user: fc.integer({ min: 1, max: 4 }),
      second: chance(4),
      bad: chance(300),
    })
    .map(({ symbol, user: n, second, bad }) => {
      const userId: Uuid = bad ? { ...id(n), a: 0.5 } : id(n);
      return { symbol, userId, accountId: id(second ? n + 10 : n) };
    });
}

function single(world: World): fc.Arbitrary<Sketch> {
  return fc.tuple(user(), terms(world)).map(([who, order]) => ({ kind: 'place', ...who, ...order }));
}

/** Mostly groups that fit, so that they live long enough to meet something. */
function group(world: World): fc.Arbitrary<Sketch> {
  return fc
    .record({
      who: user(),
      entry: terms(world),
      profit: terms(world),
      stop: terms(world),
      kind: fc.constantFrom(GroupKind.bracket, GroupKind.oco, GroupKind.oto),
      chaos: fc.integer({ min: 0, max: 59 }),
    })
    .map(({ who, entry, profit, stop, kind, chaos }) => {
      const base = { kind: 'place_group', ...who, group: kind } as const;
      if (chaos === 0) return { ...base, orders: [] };
      if (chaos === 1) return { ...base, group: 9 as GroupKind, orders: [entry, profit] };
      if (chaos < 6) return { ...base, orders: [entry, profit, stop] };
      const side = entry.side === Side.buy ? Side.sell : Side.buy;
      const common = { side, qty: entry.qty, timeInForce: Math.min(profit.timeInForce, gtc) as TimeInForce };
      const near = Math.min(profit.limitPrice, stop.stopPrice);
      const far = Math.max(profit.limitPrice, stop.stopPrice) + 2 * world.unit;
      const sells = side === Side.sell;
      const takeProfit = {
        ...profit,
        ...common,
        postOnly: false,
        type: OrderType.limit,
        limitPrice: sells ? far : near,
      };
      const stopType = Math.max(stop.type, OrderType.stop) as OrderType;
      const stopLoss = { ...stop, ...common, postOnly: false, type: stopType, stopPrice: sells ? near : far };
      const orders: Record<GroupKind, OrderTerms[]> = {
        [GroupKind.bracket]: [entry, takeProfit, stopLoss],
        [GroupKind.oco]: [takeProfit, stopLoss],
        [GroupKind.oto]: [entry, chaos % 2 === 0 ? takeProfit : stopLoss],
      };
      return { ...base, orders: orders[kind] };
    });
}

function target() {
  return { pick: fc.nat({ max: 99 }), stray: fc.integer({ min: 0, max: 19 }) };
}

function cancelling(): fc.Arbitrary<Sketch> {
  return fc.record({ who: user(), ...target() }).map(({ who, pick, stray }) => ({
    kind: 'cancel',
    ...who,
    orderId: id(0),
    pick,
    stray,
  }));
}

function replacing(world: World): fc.Arbitrary<Sketch> {
  return fc
    .record({
      who: user(),
      ...target(),
      resize: fc.constantFrom('same', 'same', 'less', 'more', 'filled', 'filled', 'drawn'),
      reprice: fc.constantFrom('same', 'drawn', 'drawn'),
      qty: quantity(world),
      limitPrice: price(world),
      stopPrice: price(world),
      trail: trail(world),
      malformed: chance(200),
    })
    .map(({ who, trail: drawn, malformed: bad, ...rest }) => ({
      kind: 'replace',
      ...who,
      ...rest,
      ...drawn,
      orderId: id(0),
      newOrderId: bad ? { ...id(0), a: 0.5 } : id(0),
    }));
}

function quoting(world: World): fc.Arbitrary<Sketch> {
  const sizes = mostly(
    fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 3 }),
    100,
    fc.constant(Array(17).fill(1)),
  );
  return fc
    .record({
      symbol: place(),
      middle: fc.integer({ min: 4, max: 18 }),
      spread: fc.constantFrom(1, 1, 1, 2, 2, 2, 3, 3, 3, 0),
      bids: sizes,
      asks: sizes,
      reference: fc.constantFrom<'none' | 'on' | 'off' | 'odd'>('none', 'on', 'on', 'on', 'off'),
      bad: chance(200),
    })
    .map(({ symbol, middle, spread, bids, asks, reference, bad }) => ({
      kind: 'quote',
      symbol,
      accountId: id(9),
      userId: bad ? { ...id(9), a: 0.5 } : id(9),
      reference: reference === 'none' ? 0 : world.price(middle) + (reference === 'off' ? 1 : 0),
      bids: bids.map((lots, i) => ({ price: world.price(middle - i), qty: lots * world.size })),
      asks: asks.map((lots, i) => ({ price: world.price(middle + spread + i), qty: lots * world.size })),
    }));
}

function day(): fc.Arbitrary<Sketch> {
  const { closed, pre_open, open, closing } = Phase;
  const phases = mostly(
    fc.constantFrom<Phase>(closed, pre_open, open, open, open, open, closing),
    60,
    fc.constant(9 as Phase),
  );
  return fc
    .tuple(
      place(),
      phases,
      fc.constantFrom(true, false, false),
      fc.constantFrom('phase', 'phase', 'phase', 'halt', 'halt', 'end'),
    )
    .map(([symbol, phase, halted, what]) => {
      if (what === 'phase') return setPhase(symbol, phase);
      return what === 'halt' ? { kind: 'set_halt', symbol, halted } : { kind: 'expire_day', symbol };
    });
}

function redefining(world: World): fc.Arbitrary<Sketch> {
  return fc
    .tuple(
      place(),
      fc.constantFrom(world.tick, world.tick * 2, 0, 3, -1, 0.5),
      fc.constantFrom(world.lot, world.lot, 0),
    )
    .map(([symbol, tick, lot]) => ({ ...definition(world, symbol === 'NONE' ? '' : symbol), tick, lot }));
}

function definition({ tick, tickBelowOne, lot }: World, symbol: string) {
  return { kind: 'define_instrument', symbol, tick, tickBelowOne, lot } as const;
}

function setPhase(symbol: string, phase: Phase) {
  return { kind: 'set_phase', symbol, phase } as const;
}
