import { expect, test } from 'vitest';
import { createOrders, takeSlot } from '../src/domain/order-slots.ts';
import { ID_WORDS, INT_SHIFT, Int, NUM_SHIFT, Num, type Orders } from '../src/domain/orders.ts';

/** Cells that have no method: ids are copied in fours, the sum of what was traded is written by notional.ts. */
const withoutMethod = new Set(['accountId', 'userId', 'low', 'mid', 'high']);
const cells = [
  ...Object.entries(Int).map(([name, cell]) => ({
    name,
    table: 'int',
    at: (slot: number) => (slot << INT_SHIFT) | cell,
  })),
  ...Object.entries(Num).map(([name, cell]) => ({
    name,
    table: 'num',
    at: (slot: number) => (slot << NUM_SHIFT) | cell,
  })),
].filter(({ name }) => !withoutMethod.has(name));

type Methods = Record<string, (slot: number, value?: number) => number>;

test.each(cells)('$name is read and written in its own cell of $table', ({ name, table, at }) => {
  const orders = createOrders(4);
  takeSlot(orders);
  const slot = takeSlot(orders);
  const before = cellsOf(orders);
  const methods = orders as unknown as Methods;
  methods[`set${name[0]?.toUpperCase()}${name.slice(1)}`]?.(slot, 7);
  expect(methods[name]?.(slot)).toBe(7);
  const changed = cellsOf(orders).flatMap((value, cell) => (value === before[cell] ? [] : [cell]));
  expect(changed).toEqual([table === 'int' ? at(slot) : orders.int.length + at(slot)]);
});

test('a flag is added beside those that are there', () => {
  const orders = createOrders(1);
  const slot = takeSlot(orders);
  orders.setFlags(slot, 1);
  orders.addFlag(slot, 4);
  expect([1, 2, 4].map((flag) => orders.hasFlag(slot, flag))).toEqual([true, false, true]);
});

test('ids and cells do not overlap, and a row has room for both', () => {
  const taken = cells.filter(({ table }) => table === 'int').map(({ at }) => at(0));
  expect(Math.min(...taken)).toBe(ID_WORDS);
  expect(new Set(taken).size).toBe(taken.length);
  expect(Math.max(...taken)).toBeLessThan(1 << INT_SHIFT);
});

function cellsOf({ int, num }: Orders): number[] {
  return [...int, ...num];
}
