import type { Book, OrderList } from './book.ts';
import { type BookSide, eachLevel } from './book-side.ts';
import { NONE } from './orders.ts';
import type { EngineState } from './state.ts';

/** Every live order of a symbol, the house's included, in the order of arrival: the same order on every replay. */
export function liveOrders(state: EngineState, book: Book): number[] {
  const { orders, levels } = state;
  const slots: number[] = [];
  const add = (slot: number) => {
    slots.push(slot);
    const first = orders.child(slot);
    if (first === NONE) return;
    slots.push(first);
    if (orders.sibling(first) !== NONE) slots.push(orders.sibling(first));
  };
  const walk = (bookSide: BookSide) => {
    eachLevel(bookSide, (level) => {
      for (let slot = levels.head[level]!; slot !== NONE; slot = orders.next(slot)) add(slot);
      return true;
    });
  };
  const follow = (list: OrderList) => {
    for (let slot = list.head; slot !== NONE; slot = orders.next(slot)) add(slot);
  };
  for (const bookSide of [book.bids, book.asks, book.buyStops, book.sellStops]) walk(bookSide);
  follow(book.trailing);
  follow(book.auction);
  return slots.toSorted((one, other) => orders.arrival(one) - orders.arrival(other));
}
