import * as fc from 'fast-check';
import { GroupKind, OrderType, Phase, Side, TimeInForce } from '../src/domain/codes.ts';
import type { Command, OrderTerms } from '../src/domain/command.ts';
import { type Body, id } from './flow.ts';
import { anySymbol, chance, mostly, price, quantity, terms, trail, user } from './random-orders.ts';
import { type Sketch, withTargets } from './targets.ts';
import { type World, worlds } from './worlds.ts';

const { gtc, fok } = TimeInForce;

/**
 * Commands drawn from a small world, so that they meet: twenty prices, four users with two accounts each, two symbols,
 * cancels and replacements that mostly mean an order that lives, and now and then a number that no order may have.
 * `test/random-paths.test.ts` counts what they reach.
 */
export function commands(): fc.Arbitrary<Body<Command>[]> {
  return fc.constantFrom(...worlds).chain((world) =>
    fc
      .record({
        blocks: fc.array(block(world), { minLength: 1, maxLength: 90, size: 'max' }),
        waits: chance(5),
        both: fc.constantFrom(true, true, true, false),
      })
      .map(({ blocks, waits, both }) =>
        withTargets([
          definition(world, 'ACME'),
          ...(both ? [definition(world, 'EMCA'), setPhase('EMCA', Phase.open)] : []),
          ...(waits ? [] : [setPhase('ACME', Phase.open)]),
          ...blocks.flat(),
        ]),
      ),
  );
}

/** Mostly one command; a few together where chance alone would hardly bring them. */
function block(world: World): fc.Arbitrary<Sketch[]> {
  const one = sketch(world).map((alone) => [alone]);
  return fc.oneof({ weight: 60, arbitrary: one }, { weight: 1, arbitrary: bothExits(world) });
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

/** Both exits of a pair come to stand in the book, and somebody wants more than they protect, or nothing. */
function bothExits(world: World): fc.Arbitrary<Sketch[]> {
  return fc
    .record({
      who: user(),
      taker: user(),
      exit: terms(world),
      spot: fc.integer({ min: 4, max: 17 }),
      more: fc.boolean(),
    })
    .map(({ who, taker, exit, spot, more }) => {
      const buys = exit.side === Side.buy;
      const leg = { ...exit, orderId: id(0), timeInForce: gtc, postOnly: false, collarOffset: world.unit };
      const profit = { ...leg, type: OrderType.limit, limitPrice: world.price(buys ? spot - 2 : spot + 2) };
      const stop = { ...leg, type: OrderType.stop, stopPrice: world.price(spot) };
      const side = buys ? Side.sell : Side.buy;
      const order = { ...profit, side, timeInForce: fok, qty: more ? exit.qty * 2 : exit.qty };
      const { symbol } = who;
      return [
        { kind: 'place_group', ...who, group: GroupKind.oco, orders: [profit, stop] },
        { kind: 'quote', symbol, accountId: id(9), userId: id(9), reference: world.price(spot), bids: [], asks: [] },
        { kind: 'place', ...taker, symbol, ...order, limitPrice: world.price(buys ? 1 : 20) },
      ] satisfies Sketch[];
    });
}

function target() {
  return { pick: fc.nat({ max: 99 }), stray: fc.integer({ min: 0, max: 19 }) };
}

function cancelling(): fc.Arbitrary<Sketch> {
  return fc.record({ who: user(), byOperator: fc.boolean(), ...target() }).map(({ who, byOperator, pick, stray }) => ({
    kind: 'cancel',
    ...who,
    orderId: id(0),
    byOperator,
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
      symbol: anySymbol(),
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
      anySymbol(),
      phases,
      fc.constantFrom(true, false, false),
      mostly(fc.constantFrom('phase', 'phase', 'phase', 'halt', 'halt', 'end'), 30, fc.constant('split')),
      fc.constantFrom<[number, number]>([2, 1], [3, 2], [1, 10], [0, 1]),
    )
    .map(([symbol, phase, halted, what, [ratioTo, ratioFrom]]) => {
      if (what === 'split') return { kind: 'split', symbol, ratioTo, ratioFrom };
      if (what === 'phase') return setPhase(symbol, phase);
      return what === 'halt' ? { kind: 'set_halt', symbol, halted } : { kind: 'expire_day', symbol };
    });
}

function redefining(world: World): fc.Arbitrary<Sketch> {
  return fc
    .tuple(
      anySymbol(),
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
