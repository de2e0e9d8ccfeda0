import { ID_WORDS, INT_SHIFT, Int, Location, NONE, NUM_SHIFT, Num, Orders } from './orders.ts';
import type { Uuid } from './uuid.ts';

/**
 * The life of a slot: taken, given its ids, retired. Slots of orders that ended stay readable until the next command, so
 * reports may refer to them, and are reused after.
 */
export function createOrders(capacity: number): Orders {
  const orders = new Orders();
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
  int[at | Int.location] = Location.nowhere;
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
  orders.setNext(slot, orders.retired);
  orders.retired = slot;
}

/** Called when a command begins: nobody reads the previous command's reports any more. */
export function reuseRetired(orders: Orders): void {
  if (orders.retired === NONE) return;
  orders.setNext(orders.retiredLast, orders.free);
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

/** The exact sum of price x quantity traded. */
export function copyNotional({ num }: Orders, from: number, to: number): void {
  const source = from << NUM_SHIFT;
  const target = to << NUM_SHIFT;
  num[target | Num.low] = num[source | Num.low]!;
  num[target | Num.mid] = num[source | Num.mid]!;
  num[target | Num.high] = num[source | Num.high]!;
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
    orders.setNext(slot, orders.free);
    orders.free = slot;
  }
  orders.capacity = capacity;
}
