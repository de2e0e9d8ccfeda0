import type { Book, OrderList } from './book.ts';
import { eachLevel, type Ladder } from './ladder.ts';
import { INT_SHIFT, Int, NONE, NUM_SHIFT, Num } from './orders.ts';
import type { EngineState } from './state.ts';

/** Every live order of a symbol, the house's included, in the order of arrival: the same order on every replay. */
export function liveOrders(state: EngineState, book: Book): number[] {
  const { orders, levels } = state;
  const slots: number[] = [];
  const add = (slot: number) => {
    slots.push(slot);
    const first = orders.int[(slot << INT_SHIFT) | Int.child]!;
    if (first === NONE) return;
    slots.push(first);
    if (orders.int[(first << INT_SHIFT) | Int.sibling] !== NONE)
      slots.push(orders.int[(first << INT_SHIFT) | Int.sibling]!);
  };
  const walk = (ladder: Ladder) => {
    eachLevel(ladder, (level) => {
      for (let slot = levels.head[level]!; slot !== NONE; slot = orders.int[(slot << INT_SHIFT) | Int.next]!) add(slot);
      return true;
    });
  };
  const follow = (list: OrderList) => {
    for (let slot = list.head; slot !== NONE; slot = orders.int[(slot << INT_SHIFT) | Int.next]!) add(slot);
  };
  for (const ladder of [book.bids, book.asks, book.buyStops, book.sellStops]) walk(ladder);
  follow(book.trailing);
  follow(book.auction);
  return slots.toSorted(
    (one, other) => orders.num[(one << NUM_SHIFT) | Num.arrival]! - orders.num[(other << NUM_SHIFT) | Num.arrival]!,
  );
}
