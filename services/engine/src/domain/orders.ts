import type { Uuid } from './uuid.ts';

export const NONE = -1;

/** Where an order stands. `running` is on its way: triggered or activated, and next to be matched. */
export const Place = { nowhere: 0, book: 1, stops: 2, trailing: 3, auction: 4, held: 5, running: 6 } as const;

export const Flag = { postOnly: 1, house: 2, grouped: 4, triggered: 8 } as const;

/**
 * Every order of a partition as two rows of numbers, so that working on one touches a few neighbouring cache lines; an
 * order is a row number (a slot). Slots of orders that ended stay readable until the next command, so reports may refer
 * to them, and are reused after. `Int` and `Num` say which cell is which: `int[(slot << INT_SHIFT) | Int.next]`.
 */
export interface Orders {
  capacity: number;
  live: number;
  free: number;
  retired: number;
  retiredLast: number;
  int: Int32Array;
  num: Float64Array;
}

export const INT_SHIFT = 5;
export const NUM_SHIFT = 4;

/** What an order is identified and linked by. The first twelve cells are the ids of order, account and user. */
export const Int = {
  accountId: 4,
  userId: 8,
  /** The level whose queue the order stands in, and its neighbours there. */
  level: 12,
  next: 13,
  prev: 14,
  book: 15,
  side: 16,
  type: 17,
  timeInForce: 18,
  flags: 19,
  status: 20,
  place: 21,
  /** Contingent orders: the other exit, the entry a held exit waits for, the first exit of an entry. */
  sibling: 22,
  parent: 23,
  child: 24,
} as const;

/** What an order trades. `low`, `mid` and `high` are the exact sum of price x quantity traded (see notional.ts). */
export const Num = {
  price: 0,
  qty: 1,
  leaves: 2,
  cum: 3,
  low: 4,
  mid: 5,
  high: 6,
  /** Time priority: rises with every entry into a queue, so a queue is always sorted by it. */
  arrival: 7,
  stop: 8,
  trailAmount: 9,
  trailPpm: 10,
  highWater: 11,
  collarOffset: 12,
} as const;

/** Words per order that are ids: order, account and user, four each. */
export const ID_WORDS = 12;

export function createOrders(capacity: number): Orders {
  const orders: Orders = {
    capacity: 0,
    live: 0,
    free: NONE,
    retired: NONE,
    retiredLast: NONE,
    int: new Int32Array(0),
    num: new Float64Array(0),
  };
  grow(orders, capacity);
  return orders;
}

/** A slot that belongs to nothing and has traded nothing. Its terms are whatever the last order left: set them all. */
export function takeSlot(orders: Orders): number {
  if (orders.free === NONE) grow(orders, orders.capacity * 2);
  const slot = orders.free;
  const { int, num } = orders;
  const at = slot << INT_SHIFT;
  const n = slot << NUM_SHIFT;
  orders.free = int[at | Int.next]!;
  int[at | Int.level] = NONE;
  int[at | Int.next] = NONE;
  int[at | Int.prev] = NONE;
  int[at | Int.sibling] = NONE;
  int[at | Int.parent] = NONE;
  int[at | Int.child] = NONE;
  int[at | Int.place] = Place.nowhere;
  num[n | Num.leaves] = 0;
  num[n | Num.cum] = 0;
  num[n | Num.low] = 0;
  num[n | Num.mid] = 0;
  num[n | Num.high] = 0;
  num[n | Num.highWater] = 0;
  return slot;
}

export function retireSlot(orders: Orders, slot: number): void {
  if (orders.retired === NONE) orders.retiredLast = slot;
  orders.int[(slot << INT_SHIFT) | Int.next] = orders.retired;
  orders.retired = slot;
}

/** Called when a command begins: nobody reads the previous command's reports any more. */
export function reuseRetired(orders: Orders): void {
  if (orders.retired === NONE) return;
  orders.int[(orders.retiredLast << INT_SHIFT) | Int.next] = orders.free;
  orders.free = orders.retired;
  orders.retired = NONE;
}

export function writeIds(orders: Orders, slot: number, orderId: Uuid, accountId: Uuid, userId: Uuid): void {
  const ids = orders.int;
  const at = slot << INT_SHIFT;
  writeOrderId(orders, slot, orderId);
  ids[at | 4] = accountId.a;
  ids[at | 5] = accountId.b;
  ids[at | 6] = accountId.c;
  ids[at | 7] = accountId.d;
  ids[at | 8] = userId.a;
  ids[at | 9] = userId.b;
  ids[at | 10] = userId.c;
  ids[at | 11] = userId.d;
}

export function writeOrderId({ int }: Orders, slot: number, { a, b, c, d }: Uuid): void {
  const at = slot << INT_SHIFT;
  int[at] = a;
  int[at | 1] = b;
  int[at | 2] = c;
  int[at | 3] = d;
}

export function copyOwner({ int }: Orders, from: number, to: number): void {
  const source = from << INT_SHIFT;
  const target = to << INT_SHIFT;
  for (let word = Int.accountId; word < ID_WORDS; word++) int[target | word] = int[source | word]!;
}

export function orderIdOf(orders: Orders, slot: number): Uuid {
  return uuidAt(orders, slot << INT_SHIFT);
}

export function accountIdOf(orders: Orders, slot: number): Uuid {
  return uuidAt(orders, (slot << INT_SHIFT) | Int.accountId);
}

export function userIdOf(orders: Orders, slot: number): Uuid {
  return uuidAt(orders, (slot << INT_SHIFT) | Int.userId);
}

export function sameUser(orders: Orders, one: number, other: number): boolean {
  const ids = orders.int;
  const a = (one << INT_SHIFT) | Int.userId;
  const b = (other << INT_SHIFT) | Int.userId;
  return ids[a + 3] === ids[b + 3] && ids[a + 2] === ids[b + 2] && ids[a + 1] === ids[b + 1] && ids[a] === ids[b];
}

export function ownedBy(orders: Orders, slot: number, accountId: Uuid): boolean {
  const ids = orders.int;
  const at = (slot << INT_SHIFT) | Int.accountId;
  return (
    ids[at] === accountId.a && ids[at + 1] === accountId.b && ids[at + 2] === accountId.c && ids[at + 3] === accountId.d
  );
}

function uuidAt({ int: ids }: Orders, at: number): Uuid {
  return { a: ids[at]!, b: ids[at + 1]!, c: ids[at + 2]!, d: ids[at + 3]! };
}

function grow(orders: Orders, capacity: number): void {
  const { int, num } = orders;
  orders.int = new Int32Array(capacity << INT_SHIFT);
  orders.num = new Float64Array(capacity << NUM_SHIFT);
  orders.int.set(int);
  orders.num.set(num);
  for (let slot = capacity - 1; slot >= orders.capacity; slot--) {
    orders.int[(slot << INT_SHIFT) | Int.next] = orders.free;
    orders.free = slot;
  }
  orders.capacity = capacity;
}
