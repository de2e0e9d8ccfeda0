import { expect, test } from 'vitest';
import {
  type BookSide,
  bestPrice,
  createBookSide,
  createLevels,
  dequeue,
  eachLevel,
  enqueue,
  type Levels,
  priceOf,
  takeOver,
} from '../src/domain/book-side.ts';
import { createOrders, takeSlot } from '../src/domain/order-slots.ts';
import { NONE, type Orders } from '../src/domain/orders.ts';

interface Side {
  levels: Levels;
  bookSide: BookSide;
  orders: Orders;
}

function side(sign: 1 | -1): Side {
  return { levels: createLevels(2), bookSide: createBookSide(sign), orders: createOrders(2) };
}

function add({ levels, bookSide, orders }: Side, price: number, qty = 1): number {
  const slot = takeSlot(orders);
  orders.setLeaves(slot, qty);
  enqueue(levels, bookSide, orders, slot, price);
  return slot;
}

const take = ({ levels, bookSide, orders }: Side, slot: number): void => dequeue(levels, bookSide, orders, slot);

/** Every level from the best on: its price, quantity, and the orders in it, walked from either end. */
function standing({ levels, bookSide, orders }: Side) {
  const rows: { price: number; qty: number; queue: number[] }[] = [];
  const broken: unknown[] = [];
  eachLevel(bookSide, (level) => {
    const queue: number[] = [];
    for (let slot = levels.head[level]!; slot !== NONE; slot = orders.next(slot)) queue.push(slot);
    const back: number[] = [];
    for (let slot = levels.tail[level]!; slot !== NONE; slot = orders.prev(slot)) back.unshift(slot);
    const whole = levels.count[level] === queue.length && queue.every((slot) => orders.level(slot) === level);
    if (!whole || String(back) !== String(queue)) broken.push({ level, queue, back, count: levels.count[level] });
    rows.push({ price: priceOf(levels, bookSide, level), qty: levels.qty[level]!, queue });
    return true;
  });
  expect(broken).toEqual([]);
  expect(bookSide.levelCount).toBe(rows.length);
  expect(bestPrice(levels, bookSide)).toBe(rows[0]?.price ?? 0);
  return rows;
}

/** Every number below `count` once, in an order that jumps about. */
const scattered = (count: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => ((i * step) % count) + 1);

test.each([
  [1, 'from below', Array.from({ length: 300 }, (_, i) => i + 1)],
  [1, 'from above', Array.from({ length: 300 }, (_, i) => 300 - i)],
  [1, 'scattered', scattered(300, 127)],
  [-1, 'from below', Array.from({ length: 300 }, (_, i) => i + 1)],
  [-1, 'from above', Array.from({ length: 300 }, (_, i) => 300 - i)],
  [-1, 'scattered', scattered(300, 127)],
] as const)(
  'with sign %d, three hundred prices that come %s stand best first, and leave as they came',
  (sign, _, prices) => {
    const one = side(sign);
    const sorted = (left: readonly number[]) => left.toSorted((a, b) => sign * (b - a));
    const slots = new Map<number, number>();
    prices.forEach((price, i) => {
      slots.set(price, add(one, price));
      if (i % 20 === 19 || i === 64) {
        expect(standing(one).map((row) => row.price)).toEqual(sorted(prices.slice(0, i + 1)));
      }
    });
    const leaving = [...scattered(300, 89)];
    leaving.forEach((price, i) => {
      take(one, slots.get(price)!);
      if (i % 20 === 19 || i > 295) {
        expect(standing(one).map((row) => row.price)).toEqual(sorted(leaving.slice(i + 1)));
      }
    });
    // The rows of levels that went are used again.
    const capacity = one.levels.capacity;
    for (const price of prices) add(one, price);
    expect([one.levels.capacity, standing(one).length]).toEqual([capacity, 300]);
  },
);

test('there is room for as many prices as was said, and from then on for twice as many', () => {
  const one = side(1);
  const capacities = [3, 1, 2, 5, 4].map((price) => {
    add(one, price);
    return one.levels.capacity;
  });
  expect(capacities).toEqual([2, 2, 4, 4, 8]);
});

test('the best goes again and again', () => {
  const one = side(1);
  const slots = Array.from({ length: 200 }, (_, i) => add(one, i + 1));
  for (let price = 200; price > 0; price -= 1) {
    expect(bestPrice(one.levels, one.bookSide)).toBe(price);
    take(one, slots[price - 1]!);
  }
  expect(standing(one)).toEqual([]);
});

test.each([
  ['the first', 0],
  ['one in the middle', 1],
  ['the last', 2],
])('%s of a queue leaves the others in their order', (_, gone) => {
  const one = side(1);
  add(one, 6);
  const slots = [2, 3, 4].map((qty) => add(one, 5, qty));
  take(one, slots[gone]!);
  expect(one.orders.level(slots[gone]!)).toBe(NONE);
  const left = slots.filter((_slot, i) => i !== gone);
  expect(standing(one)[1]).toEqual({ price: 5, qty: 9 - (gone + 2), queue: left });
  const late = add(one, 5, 7);
  expect(standing(one)[1]?.queue).toEqual([...left, late]);
});

test.each([
  ['the first', 0],
  ['one in the middle', 1],
  ['the last', 2],
])('a smaller order takes the place of %s', (_, at) => {
  const one = side(-1);
  const slots = [2, 3, 4].map((qty) => add(one, 5, qty));
  const replacement = takeSlot(one.orders);
  one.orders.setLeaves(replacement, 1);
  takeOver(one.levels, one.orders, slots[at]!, replacement);
  expect(one.orders.level(slots[at]!)).toBe(NONE);
  expect(standing(one)).toEqual([
    { price: 5, qty: 9 - (at + 2) + 1, queue: slots.map((slot, i) => (i === at ? replacement : slot)) },
  ]);
});

test('a walk ends where it is told to', () => {
  const one = side(1);
  for (const price of scattered(100, 37)) add(one, price);
  const seen: number[] = [];
  eachLevel(one.bookSide, (level) => {
    seen.push(priceOf(one.levels, one.bookSide, level));
    return seen.length < 40;
  });
  expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => 100 - i));
});

test('an empty side has no best price', () => {
  const one = side(1);
  expect([bestPrice(one.levels, one.bookSide), standing(one)]).toEqual([0, []]);
});
