import type { OrderList } from './book.ts';
import { INT_SHIFT, Int, NONE, type Orders } from './orders.ts';

export function append(list: OrderList, orders: Orders, slot: number): void {
  orders.int[(slot << INT_SHIFT) | Int.prev] = list.tail;
  orders.int[(slot << INT_SHIFT) | Int.next] = NONE;
  if (list.tail === NONE) list.head = slot;
  else orders.int[(list.tail << INT_SHIFT) | Int.next] = slot;
  list.tail = slot;
}

export function unlink(list: OrderList, orders: Orders, slot: number): void {
  const prev = orders.int[(slot << INT_SHIFT) | Int.prev]!;
  const next = orders.int[(slot << INT_SHIFT) | Int.next]!;
  if (prev === NONE) list.head = next;
  else orders.int[(prev << INT_SHIFT) | Int.next] = next;
  if (next === NONE) list.tail = prev;
  else orders.int[(next << INT_SHIFT) | Int.prev] = prev;
}

/** Gives `heir` the place of `slot`. */
export function inherit(list: OrderList, orders: Orders, slot: number, heir: number): void {
  const prev = orders.int[(slot << INT_SHIFT) | Int.prev]!;
  const next = orders.int[(slot << INT_SHIFT) | Int.next]!;
  orders.int[(heir << INT_SHIFT) | Int.prev] = prev;
  orders.int[(heir << INT_SHIFT) | Int.next] = next;
  if (prev === NONE) list.head = heir;
  else orders.int[(prev << INT_SHIFT) | Int.next] = heir;
  if (next === NONE) list.tail = heir;
  else orders.int[(next << INT_SHIFT) | Int.prev] = heir;
}
