import type { OrderStatus, OrderType, Side, TimeInForce } from './codes.ts';

export const NONE = -1;

/** Where an order stands. `running` is on its way: triggered or activated, and next to be matched. */
export const Location = { nowhere: 0, book: 1, stops: 2, trailing: 3, auction: 4, held: 5, running: 6 } as const;

export const Flag = { postOnly: 1, house: 2, grouped: 4, triggered: 8 } as const;

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
  location: 21,
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

/**
 * Every order of a partition as two rows of numbers, so that working on one touches a few neighbouring cache lines; an
 * order is a row number (a slot, see order-slots.ts). Each cell has a method to read and one to write it; only what copies
 * whole rows reads the tables themselves. Cells stand in the methods as plain numbers, those of `Int` and `Num`: with the
 * names they would be too long for V8 to put them into their callers whatever else is there, at 8 % of the engine's speed.
 */
export class Orders {
  capacity = 0;
  live = 0;
  free = NONE;
  retired = NONE;
  retiredLast = NONE;
  int = new Int32Array(0);
  num = new Float64Array(0);

  level(slot: number): number {
    return this.int[(slot << 5) | 12]!;
  }
  setLevel(slot: number, value: number): void {
    this.int[(slot << 5) | 12] = value;
  }
  next(slot: number): number {
    return this.int[(slot << 5) | 13]!;
  }
  setNext(slot: number, value: number): void {
    this.int[(slot << 5) | 13] = value;
  }
  prev(slot: number): number {
    return this.int[(slot << 5) | 14]!;
  }
  setPrev(slot: number, value: number): void {
    this.int[(slot << 5) | 14] = value;
  }
  book(slot: number): number {
    return this.int[(slot << 5) | 15]!;
  }
  setBook(slot: number, value: number): void {
    this.int[(slot << 5) | 15] = value;
  }
  side(slot: number): Side {
    return this.int[(slot << 5) | 16]! as Side;
  }
  setSide(slot: number, value: Side): void {
    this.int[(slot << 5) | 16] = value;
  }
  type(slot: number): OrderType {
    return this.int[(slot << 5) | 17]! as OrderType;
  }
  setType(slot: number, value: OrderType): void {
    this.int[(slot << 5) | 17] = value;
  }
  timeInForce(slot: number): TimeInForce {
    return this.int[(slot << 5) | 18]! as TimeInForce;
  }
  setTimeInForce(slot: number, value: TimeInForce): void {
    this.int[(slot << 5) | 18] = value;
  }
  flags(slot: number): number {
    return this.int[(slot << 5) | 19]!;
  }
  setFlags(slot: number, value: number): void {
    this.int[(slot << 5) | 19] = value;
  }
  status(slot: number): OrderStatus {
    return this.int[(slot << 5) | 20]! as OrderStatus;
  }
  setStatus(slot: number, value: OrderStatus): void {
    this.int[(slot << 5) | 20] = value;
  }
  location(slot: number): number {
    return this.int[(slot << 5) | 21]!;
  }
  setLocation(slot: number, value: number): void {
    this.int[(slot << 5) | 21] = value;
  }
  sibling(slot: number): number {
    return this.int[(slot << 5) | 22]!;
  }
  setSibling(slot: number, value: number): void {
    this.int[(slot << 5) | 22] = value;
  }
  parent(slot: number): number {
    return this.int[(slot << 5) | 23]!;
  }
  setParent(slot: number, value: number): void {
    this.int[(slot << 5) | 23] = value;
  }
  child(slot: number): number {
    return this.int[(slot << 5) | 24]!;
  }
  setChild(slot: number, value: number): void {
    this.int[(slot << 5) | 24] = value;
  }

  hasFlag(slot: number, flag: number): boolean {
    return (this.flags(slot) & flag) !== 0;
  }
  addFlag(slot: number, flag: number): void {
    this.setFlags(slot, this.flags(slot) | flag);
  }

  price(slot: number): number {
    return this.num[slot << 4]!;
  }
  setPrice(slot: number, value: number): void {
    this.num[slot << 4] = value;
  }
  qty(slot: number): number {
    return this.num[(slot << 4) | 1]!;
  }
  setQty(slot: number, value: number): void {
    this.num[(slot << 4) | 1] = value;
  }
  leaves(slot: number): number {
    return this.num[(slot << 4) | 2]!;
  }
  setLeaves(slot: number, value: number): void {
    this.num[(slot << 4) | 2] = value;
  }
  cum(slot: number): number {
    return this.num[(slot << 4) | 3]!;
  }
  setCum(slot: number, value: number): void {
    this.num[(slot << 4) | 3] = value;
  }
  arrival(slot: number): number {
    return this.num[(slot << 4) | 7]!;
  }
  setArrival(slot: number, value: number): void {
    this.num[(slot << 4) | 7] = value;
  }
  stop(slot: number): number {
    return this.num[(slot << 4) | 8]!;
  }
  setStop(slot: number, value: number): void {
    this.num[(slot << 4) | 8] = value;
  }
  trailAmount(slot: number): number {
    return this.num[(slot << 4) | 9]!;
  }
  setTrailAmount(slot: number, value: number): void {
    this.num[(slot << 4) | 9] = value;
  }
  trailPpm(slot: number): number {
    return this.num[(slot << 4) | 10]!;
  }
  setTrailPpm(slot: number, value: number): void {
    this.num[(slot << 4) | 10] = value;
  }
  highWater(slot: number): number {
    return this.num[(slot << 4) | 11]!;
  }
  setHighWater(slot: number, value: number): void {
    this.num[(slot << 4) | 11] = value;
  }
  collarOffset(slot: number): number {
    return this.num[(slot << 4) | 12]!;
  }
  setCollarOffset(slot: number, value: number): void {
    this.num[(slot << 4) | 12] = value;
  }
}
