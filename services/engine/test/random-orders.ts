import * as fc from 'fast-check';
import { OrderType, Side, TimeInForce } from '../src/domain/codes.ts';
import { MAX_PRICE, MAX_QTY, type OrderTerms } from '../src/domain/command.ts';
import type { Uuid } from '../src/domain/uuid.ts';
import { id } from './flow.ts';
import type { World } from './worlds.ts';

/** Once in `n` times. */
export function chance(n: number): fc.Arbitrary<boolean> {
  return fc.integer({ min: 0, max: n - 1 }).map((drawn) => drawn === 0);
}

export function mostly<T>(usual: fc.Arbitrary<T>, weight: number, rare: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });
}

const oddNumbers = [0, -1, 0.5, Number.NaN, Infinity, 2 ** 53];

export function price(world: World, min = 1, max = 20): fc.Arbitrary<number> {
  const usual = fc.integer({ min, max }).map(world.price);
  return mostly(usual, world.tame, fc.constantFrom(...oddNumbers, world.offTick, MAX_PRICE, 2 ** 40));
}

export function quantity(world: World): fc.Arbitrary<number> {
  const usual = fc.integer({ min: 1, max: 12 }).map((lots) => lots * world.size);
  return mostly(usual, world.tame, fc.constantFrom(...oddNumbers, 1, MAX_QTY, 2 ** 40));
}

export function trail(world: World): fc.Arbitrary<{ trailAmount: number; trailPpm: number }> {
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

export function terms(world: World): fc.Arbitrary<OrderTerms> {
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

export function anySymbol() {
  return mostly(fc.constantFrom('ACME', 'ACME', 'ACME', 'ACME', 'EMCA'), 60, fc.constant('NONE'));
}

export function user() {
  return fc
    .record({
      symbol: anySymbol(),
      user: fc.integer({ min: 1, max: 4 }),
      second: chance(4),
      bad: chance(300),
    })
    .map(({ symbol, user: n, second, bad }) => {
      const userId: Uuid = bad ? { ...id(n), a: 0.5 } : id(n);
      return { symbol, userId, accountId: id(second ? n + 10 : n) };
    });
}
