import { MICRO, toPrice } from '@andvari/money';
import { expect, test } from 'vitest';
import { marksOf } from '../src/seed/import-people.ts';
import type { PastMarket } from '../src/seed/past-market.ts';
import { type PastOrder, personOf } from '../src/seed/person.ts';

const DAY_US = 86_400_000_000n;
const symbols = ['AAPL', 'MSFT', 'KO'];
const market: PastMarket = {
  symbols,
  days: Array.from({ length: 250 }, (_, day) => ({
    atUs: 1_700_000_000_000_000n + BigInt(day) * DAY_US,
    closes: new Map(symbols.map((symbol, index) => [symbol, toPrice(BigInt(50 * (index + 1) + (day % 7)) * MICRO)])),
  })),
};
const people = Array.from({ length: 500 }, (_, index) => personOf(market, 'test', index + 1));

test('the same seed and number are the same person, others are others', () => {
  expect(personOf(market, 'test', 7)).toEqual(people[6]);
  expect(personOf(market, 'other', 7).userId).not.toBe(people[6]?.userId);
  const ids = people.flatMap(({ userId, accountId, depositId, email, orders }) => {
    return [userId, accountId, depositId, email, ...orders.map(({ execId }) => execId)];
  });
  expect(new Set(ids).size).toBe(ids.length);
});

test('ids are UUIDs of version 7, in the order of the numbers', () => {
  const ids = people.map(({ userId }) => userId);
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(ids.toSorted()).toEqual(ids);
});

test('nobody ever holds more money than there is, or sells what they do not have', () => {
  for (const { deposit, orders, openedAtUs } of people) {
    let cash = deposit as bigint;
    const shares = new Map<string, bigint>();
    for (const order of orders.toSorted(byEnd)) {
      expect(order.placedAtUs).toBeGreaterThan(openedAtUs);
      const held = shares.get(order.symbol) ?? 0n;
      expect(order.held).toBeLessThanOrEqual(order.side === 'buy' ? cash : held);
      const sign = order.side === 'buy' ? 1n : -1n;
      if (order.fillPx === 0n) continue;
      if (order.limitPx !== 0n && order.side === 'buy') expect(order.fillPx).toBeLessThanOrEqual(order.limitPx);
      cash -= (sign * order.fillPx * order.qty) / MICRO;
      shares.set(order.symbol, held + sign * order.qty);
    }
  }
});

test('most bought, many sold, and some gave up', () => {
  const orders = people.flatMap((person) => person.orders);
  const share = (is: (order: PastOrder) => boolean): number => orders.filter(is).length / people.length;
  expect(share(({ side, fillPx }) => side === 'buy' && fillPx > 0n)).toBeGreaterThan(1.9);
  expect(share(({ side }) => side === 'sell')).toBeGreaterThan(0.8);
  expect(share(({ fillPx }) => fillPx === 0n)).toBeGreaterThan(0.15);
  expect(share(({ limitPx }) => limitPx > 0n)).toBeGreaterThan(0.5);
});

test('worth is kept for every fourth week, the last day among them, at midnights', () => {
  const marks = marksOf(market);
  // The days here know no weekends.
  expect(marks).toHaveLength(Math.ceil(market.days.length / 28));
  const times = marks.map(({ atUs }) => atUs);
  expect(times.slice(1).every((atUs, index) => atUs - (times[index] ?? 0n) === 28n * DAY_US)).toBe(true);
  expect(marks.every(({ atUs }) => atUs % DAY_US === 0n)).toBe(true);
  expect(marks.at(-1)?.atUs).toBeGreaterThan(market.days.at(-1)?.atUs ?? 0n);
});

function byEnd(one: PastOrder, other: PastOrder): number {
  return Number(one.endedAtUs - other.endedAtUs);
}
