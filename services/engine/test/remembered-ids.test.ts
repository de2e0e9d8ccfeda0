import { expect, test } from 'vitest';
import {
  createEndedIds,
  forgetAll,
  holds,
  mayHold,
  printsOf,
  rememberEnded,
  restorePrint,
} from '../src/domain/ended-ids.ts';
import { addSlot, closeSlot, createIdTable, findSlot, hasEnded, isUsed, useUp } from '../src/domain/id-table.ts';
import { createOrders, takeSlot, writeIds } from '../src/domain/order-slots.ts';
import { NONE } from '../src/domain/orders.ts';
import { hashWords, type Uuid } from '../src/domain/uuid.ts';

const owner: Uuid = { a: 9, b: 9, c: 9, d: 9 };
/** Ids whose words all differ, so that each word counts. */
const uuid = (n: number): Uuid => ({ a: n * 7, b: n * 11, c: -n, d: n * 13 });

function table(remembered: number) {
  const orders = createOrders(4);
  const ids = createIdTable(remembered);
  const add = (id: Uuid): number => {
    const slot = takeSlot(orders);
    writeIds(orders, slot, id, owner, owner);
    addSlot(ids, orders, slot);
    return slot;
  };
  return { orders, ids, add };
}

test('thousands of live ids are found, each in its slot, and leave in any order', () => {
  const { orders, ids, add } = table(8192);
  const slots = new Map<number, number>();
  for (let n = 1; n <= 3000; n += 1) slots.set(n, add(uuid(n)));
  expect(ids.live).toBe(3000);
  expect(ids.pairs.length).toBeGreaterThanOrEqual(4 * 3000);
  expect([...slots].filter(([n, slot]) => findSlot(ids, orders, uuid(n)) !== slot)).toEqual([]);
  const all = [...slots.keys()];
  for (let n = 1; n <= 3000; n += 1) {
    const gone = (n * 1009) % 3001 || n;
    closeSlot(ids, orders, slots.get(gone)!);
    slots.delete(gone);
    if (n % 500 === 0) {
      const wrong = all.filter(
        (known) =>
          findSlot(ids, orders, uuid(known)) !== (slots.get(known) ?? NONE) ||
          hasEnded(ids, uuid(known)) === slots.has(known) ||
          !isUsed(ids, orders, uuid(known)),
      );
      expect(wrong).toEqual([]);
    }
  }
  expect([ids.live, isUsed(ids, orders, uuid(3001)), hasEnded(ids, uuid(3001))]).toEqual([0, false, false]);
});

test('as many as are to be remembered are, and at most twice as many', () => {
  const { orders, ids, add } = table(4);
  for (let n = 1; n <= 12; n += 1) closeSlot(ids, orders, add(uuid(n)));
  const known = Array.from({ length: 12 }, (_, i) => hasEnded(ids, uuid(i + 1)));
  expect(known).toEqual([...Array(4).fill(false), ...Array(8).fill(true)]);
  closeSlot(ids, orders, add(uuid(13)));
  expect([hasEnded(ids, uuid(8)), hasEnded(ids, uuid(9)), hasEnded(ids, uuid(13))]).toEqual([false, true, true]);
  expect([isUsed(ids, orders, uuid(9)), isUsed(ids, orders, uuid(8))]).toEqual([true, false]);
  const unknown = Array.from({ length: 2000 }, (_, i) => uuid(100 + i));
  expect(unknown.filter((id) => hasEnded(ids, id))).toEqual([]);
});

test('an id is used up once, and not while it is live', () => {
  const { orders, ids, add } = table(8);
  useUp(ids, orders, uuid(1));
  useUp(ids, orders, uuid(1));
  add(uuid(2));
  useUp(ids, orders, uuid(2));
  expect([ids.young.count, hasEnded(ids, uuid(1)), hasEnded(ids, uuid(2))]).toEqual([1, true, false]);
});

test.each(['a', 'b', 'c', 'd'] as const)('ids that differ in %s alone are told apart', (word) => {
  const { orders, ids, add } = table(8);
  const other = { ...uuid(5), [word]: 77 };
  const slots = [add(uuid(5)), add(other)];
  expect([findSlot(ids, orders, uuid(5)), findSlot(ids, orders, other)]).toEqual(slots);
  closeSlot(ids, orders, slots[1]!);
  expect([hasEnded(ids, uuid(5)), hasEnded(ids, other), findSlot(ids, orders, other)]).toEqual([false, true, NONE]);
});

/** Found by trying: their hashes are the same, their words are not. Those that differ in a, in c or in d alone have other hashes. */
const twins: [differ: string, one: Uuid, other: Uuid][] = [
  ['c and d', { a: 1, b: 2, c: 3, d: 4 }, { a: 1, b: 2, c: 5, d: before(3) ^ 4 ^ before(5) }],
  ['a and b', { a: 2405, b: 16_836, c: 3, d: 4 }, { a: 10_504, b: 73_529, c: 3, d: 4 }],
  ['b', { a: 1, b: 91_539, c: 3, d: 4 }, { a: 1, b: 115_712, c: 3, d: 4 }],
];

test.each(twins)('ids of one hash that differ in %s are told apart, live and ended', (_, one, other) => {
  expect(hashWords(one.a, one.b, one.c, one.d)).toBe(hashWords(other.a, other.b, other.c, other.d));
  const { orders, ids, add } = table(8);
  const first = add(one);
  expect(findSlot(ids, orders, other)).toBe(NONE);
  const second = add(other);
  expect([findSlot(ids, orders, one), findSlot(ids, orders, other)]).toEqual([first, second]);
  closeSlot(ids, orders, second);
  expect([hasEnded(ids, one), hasEnded(ids, other), findSlot(ids, orders, one)]).toEqual([false, true, first]);
  closeSlot(ids, orders, first);
  expect([hasEnded(ids, one), hasEnded(ids, other)]).toEqual([true, true]);
});

test('an id that may have ended, for all that its bits say, and has not is not used', () => {
  const { orders, ids } = table(512);
  for (let n = 1; n <= 256; n += 1) useUp(ids, orders, uuid(n));
  const doubted = Array.from({ length: 4000 }, (_, i) => 1000 + i).filter((n) => mayHold(ids.young, hashed(n)[0]));
  expect(doubted.length).toBeGreaterThan(0);
  expect(doubted.filter((n) => isUsed(ids, orders, uuid(n)))).toEqual([]);
});

test('a generation is restored from its fingerprints, in any order', () => {
  const ended = createEndedIds(64);
  for (let n = 1; n <= 40; n += 1) rememberEnded(ended, ...hashed(n));
  const prints = printsOf(ended);
  expect([...prints]).toEqual([...prints].toSorted((one, other) => (one < other ? -1 : 1)));
  expect(new Set(prints).size).toBe(40);
  expect(prints.every((print) => print < 0n)).toBe(true);
  const again = createEndedIds(64);
  for (const print of prints.toReversed()) restorePrint(again, print);
  expect(printsOf(again)).toEqual(prints);
  for (let n = 1; n <= 40; n += 1)
    expect([mayHold(again, hashed(n)[0]), holds(again, ...hashed(n))]).toEqual([true, true]);
  for (let n = 41; n <= 99; n += 1) expect(holds(again, ...hashed(n))).toBe(false);
  forgetAll(again);
  expect([again.count, printsOf(again).length, mayHold(again, hashed(1)[0]), holds(again, ...hashed(1))]).toEqual([
    0,
    0,
    false,
    false,
  ]);
});

test('so is one that is full', () => {
  const [full, again] = [createEndedIds(4), createEndedIds(4)];
  for (let n = 1; n <= 4; n += 1) rememberEnded(full, ...hashed(n));
  for (const print of printsOf(full)) restorePrint(again, print);
  for (let n = 1; n <= 4; n += 1) expect(holds(again, ...hashed(n))).toBe(true);
});

test('another hash in the same chain is another id', () => {
  const ended = createEndedIds(64);
  rememberEnded(ended, 2, 1, 2, 3, 4);
  expect([holds(ended, 2, 1, 2, 3, 4), holds(ended, 2 + ended.chains.length, 1, 2, 3, 4)]).toEqual([true, false]);
});

test.each([
  [1, 2],
  [4, 2],
  [64, 32],
  [65, 64],
])('for %d ids there are %d chains', (capacity, chains) => {
  const ended = createEndedIds(capacity);
  expect([ended.chains.length, ended.rows.length]).toEqual([chains * 2, capacity * 3]);
});

test('nearly all ids that are not there are told without a look at the chains', () => {
  const ended = createEndedIds(1024);
  for (let n = 1; n <= 512; n += 1) rememberEnded(ended, ...hashed(n));
  const doubted = Array.from({ length: 2000 }, (_, i) => 1000 + i).filter((n) => mayHold(ended, hashed(n)[0]));
  expect(doubted.length).toBeLessThan(60);
});

/** The last step of the hash is `imul(x ^ d, odd)`, so a change before it can be undone by d. */
function before(c: number): number {
  const h = Math.imul(1 ^ (2 >>> 15), 0x9e3779b1) ^ Math.imul(2, 0x85ebca6b);
  const mixed = Math.imul(h ^ (h >>> 15) ^ c, 0xc2b2ae35);
  return mixed ^ (mixed >>> 13);
}

function hashed(n: number) {
  const { a, b, c, d } = uuid(n);
  return [hashWords(a, b, c, d), a, b, c, d] as const;
}
