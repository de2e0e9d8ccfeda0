import type { Uuid } from './uuid.ts';

export const NONE = -1;

/** Where an order stands. `running` is on its way: triggered or activated, and next to be matched. */
export const Place = { nowhere: 0, book: 1, stops: 2, trailing: 3, auction: 4, held: 5, running: 6 } as const;

export const Flag = { postOnly: 1, house: 2, grouped: 4, triggered: 8 } as const;

/** Words per order in `ids`: order, account and user, four each. */
export const ID_WORDS = 12;

/**
 * Every order of a partition, one column per field; an order is a row number (a slot). Slots of orders that ended stay
 * readable until the next command, so reports may refer to them, and are reused after.
 */
export interface Orders {
  capacity: number;
  live: number;
  free: number;
  retired: number;
  retiredLast: number;
  ids: Int32Array;
  book: Int32Array;
  side: Uint8Array;
  type: Uint8Array;
  timeInForce: Uint8Array;
  flags: Uint8Array;
  status: Uint8Array;
  place: Uint8Array;
  /** The level whose queue the order stands in, and its neighbours there. */
  level: Int32Array;
  next: Int32Array;
  prev: Int32Array;
  /** Contingent orders: the other exit, the entry a held exit waits for, the first exit of an entry. */
  sibling: Int32Array;
  parent: Int32Array;
  child: Int32Array;
  price: Float64Array;
  qty: Float64Array;
  leaves: Float64Array;
  cum: Float64Array;
  /** Time priority: rises with every entry into a queue, so a queue is always sorted by it. */
  arrival: Float64Array;
  stop: Float64Array;
  trailAmount: Float64Array;
  trailPpm: Float64Array;
  highWater: Float64Array;
  collarOffset: Float64Array;
  low: Float64Array;
  mid: Float64Array;
  high: Float64Array;
}

export function createOrders(capacity: number): Orders {
  const orders: Orders = {
    capacity: 0,
    live: 0,
    free: NONE,
    retired: NONE,
    retiredLast: NONE,
    ids: new Int32Array(0),
    book: new Int32Array(0),
    side: new Uint8Array(0),
    type: new Uint8Array(0),
    timeInForce: new Uint8Array(0),
    flags: new Uint8Array(0),
    status: new Uint8Array(0),
    place: new Uint8Array(0),
    level: new Int32Array(0),
    next: new Int32Array(0),
    prev: new Int32Array(0),
    sibling: new Int32Array(0),
    parent: new Int32Array(0),
    child: new Int32Array(0),
    price: new Float64Array(0),
    qty: new Float64Array(0),
    leaves: new Float64Array(0),
    cum: new Float64Array(0),
    arrival: new Float64Array(0),
    stop: new Float64Array(0),
    trailAmount: new Float64Array(0),
    trailPpm: new Float64Array(0),
    highWater: new Float64Array(0),
    collarOffset: new Float64Array(0),
    low: new Float64Array(0),
    mid: new Float64Array(0),
    high: new Float64Array(0),
  };
  grow(orders, capacity);
  return orders;
}

/** A slot that belongs to nothing and has traded nothing. Its terms are whatever the last order left: set them all. */
export function takeSlot(orders: Orders): number {
  if (orders.free === NONE) grow(orders, orders.capacity * 2);
  const slot = orders.free;
  orders.free = orders.next[slot]!;
  orders.level[slot] = NONE;
  orders.next[slot] = NONE;
  orders.prev[slot] = NONE;
  orders.sibling[slot] = NONE;
  orders.parent[slot] = NONE;
  orders.child[slot] = NONE;
  orders.place[slot] = Place.nowhere;
  orders.leaves[slot] = 0;
  orders.cum[slot] = 0;
  orders.highWater[slot] = 0;
  orders.low[slot] = 0;
  orders.mid[slot] = 0;
  orders.high[slot] = 0;
  return slot;
}

export function retireSlot(orders: Orders, slot: number): void {
  if (orders.retired === NONE) orders.retiredLast = slot;
  orders.next[slot] = orders.retired;
  orders.retired = slot;
}

/** Called when a command begins: nobody reads the previous command's reports any more. */
export function reuseRetired(orders: Orders): void {
  if (orders.retired === NONE) return;
  orders.next[orders.retiredLast] = orders.free;
  orders.free = orders.retired;
  orders.retired = NONE;
}

export function writeIds(orders: Orders, slot: number, orderId: Uuid, accountId: Uuid, userId: Uuid): void {
  const { ids } = orders;
  const at = slot * ID_WORDS;
  ids[at] = orderId.a;
  ids[at + 1] = orderId.b;
  ids[at + 2] = orderId.c;
  ids[at + 3] = orderId.d;
  ids[at + 4] = accountId.a;
  ids[at + 5] = accountId.b;
  ids[at + 6] = accountId.c;
  ids[at + 7] = accountId.d;
  ids[at + 8] = userId.a;
  ids[at + 9] = userId.b;
  ids[at + 10] = userId.c;
  ids[at + 11] = userId.d;
}

export function orderIdOf(orders: Orders, slot: number): Uuid {
  return uuidAt(orders, slot * ID_WORDS);
}

export function accountIdOf(orders: Orders, slot: number): Uuid {
  return uuidAt(orders, slot * ID_WORDS + 4);
}

export function userIdOf(orders: Orders, slot: number): Uuid {
  return uuidAt(orders, slot * ID_WORDS + 8);
}

export function sameUser(orders: Orders, one: number, other: number): boolean {
  const { ids } = orders;
  const a = one * ID_WORDS + 8;
  const b = other * ID_WORDS + 8;
  return ids[a + 3] === ids[b + 3] && ids[a + 2] === ids[b + 2] && ids[a + 1] === ids[b + 1] && ids[a] === ids[b];
}

export function ownedBy(orders: Orders, slot: number, accountId: Uuid): boolean {
  const { ids } = orders;
  const at = slot * ID_WORDS + 4;
  return (
    ids[at] === accountId.a && ids[at + 1] === accountId.b && ids[at + 2] === accountId.c && ids[at + 3] === accountId.d
  );
}

function uuidAt({ ids }: Orders, at: number): Uuid {
  return { a: ids[at]!, b: ids[at + 1]!, c: ids[at + 2]!, d: ids[at + 3]! };
}

function grow(orders: Orders, capacity: number): void {
  const from = orders.capacity;
  const columns = orders as unknown as Record<string, Int32Array | Float64Array | Uint8Array | number>;
  for (const [name, column] of Object.entries(columns)) {
    if (typeof column === 'number') continue;
    const Column = column.constructor as new (length: number) => Int32Array | Float64Array | Uint8Array;
    const wider = new Column(name === 'ids' ? capacity * ID_WORDS : capacity);
    wider.set(column);
    columns[name] = wider;
  }
  for (let slot = capacity - 1; slot >= from; slot--) {
    orders.next[slot] = orders.free;
    orders.free = slot;
  }
  orders.capacity = capacity;
}
