import type { OrderList } from './book.ts';
import { NONE, type Orders } from './orders.ts';

export function append(list: OrderList, orders: Orders, slot: number): void {
  orders.prev[slot] = list.tail;
  orders.next[slot] = NONE;
  if (list.tail === NONE) list.head = slot;
  else orders.next[list.tail] = slot;
  list.tail = slot;
}

export function unlink(list: OrderList, orders: Orders, slot: number): void {
  const prev = orders.prev[slot]!;
  const next = orders.next[slot]!;
  if (prev === NONE) list.head = next;
  else orders.next[prev] = next;
  if (next === NONE) list.tail = prev;
  else orders.prev[next] = prev;
}

/** Gives `heir` the place of `slot`. */
export function inherit(list: OrderList, orders: Orders, slot: number, heir: number): void {
  const prev = orders.prev[slot]!;
  const next = orders.next[slot]!;
  orders.prev[heir] = prev;
  orders.next[heir] = next;
  if (prev === NONE) list.head = heir;
  else orders.next[prev] = heir;
  if (next === NONE) list.tail = heir;
  else orders.prev[next] = heir;
}
