import type { OrderList } from './book.ts';
import { NONE, type Orders } from './orders.ts';

export function append(list: OrderList, orders: Orders, slot: number): void {
  orders.setPrev(slot, list.tail);
  orders.setNext(slot, NONE);
  if (list.tail === NONE) list.head = slot;
  else orders.setNext(list.tail, slot);
  list.tail = slot;
}

export function unlink(list: OrderList, orders: Orders, slot: number): void {
  const prev = orders.prev(slot);
  const next = orders.next(slot);
  if (prev === NONE) list.head = next;
  else orders.setNext(prev, next);
  if (next === NONE) list.tail = prev;
  else orders.setPrev(next, prev);
}

/** Gives `replacement` the place of `slot`. */
export function replaceIn(list: OrderList, orders: Orders, slot: number, replacement: number): void {
  const prev = orders.prev(slot);
  const next = orders.next(slot);
  orders.setPrev(replacement, prev);
  orders.setNext(replacement, next);
  if (prev === NONE) list.head = replacement;
  else orders.setNext(prev, replacement);
  if (next === NONE) list.tail = replacement;
  else orders.setPrev(next, replacement);
}
