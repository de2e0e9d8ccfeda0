import { createRequire } from 'node:module';
import { type Flow, Kind } from './flow.ts';

interface PeerOrder {
  id: string;
  side: string;
  size: number;
  price: number;
  timeInForce: string;
}

interface PeerBook {
  limit(order: PeerOrder): unknown;
  modify(id: string, update: { price?: number; size?: number }): unknown;
  cancel(id: string): unknown;
}

/** The package's CommonJS build: its ES build names its own files without extensions, which Node does not resolve. */
const { OrderBook } = createRequire(import.meta.url)('nodejs-order-book') as { OrderBook: new () => PeerBook };

/**
 * The same messages through the npm package, with its ids and orders made before the clock starts. It has no users and
 * keeps an order's id on modify; prices and sizes are given as the decimals it expects. Returns messages per second.
 */
export function driveNodejsOrderBook(flow: Flow, from: number, to: number, seconds: () => number): number {
  const book = new OrderBook();
  const ids = Array.from({ length: to }, (_, i) => `order-${flow.first[i]}`);
  const orders = ids.map((id, i) => ({
    id,
    side: flow.side[i] === 0 ? 'buy' : 'sell',
    size: flow.qty[i]! / 1e6,
    price: flow.price[i]! / 1e6,
    timeInForce: flow.kind[i] === Kind.ioc ? 'IOC' : 'GTC',
  }));
  const send = (i: number) => {
    const kind = flow.kind[i]!;
    const order = orders[i]!;
    if (kind <= Kind.ioc) book.limit(order);
    else if (kind === Kind.cancel) book.cancel(order.id);
    else if (kind === Kind.reprice) book.modify(order.id, { price: order.price });
    else book.modify(order.id, { size: order.size });
  };
  for (let i = 0; i < from; i++) send(i);
  const start = seconds();
  for (let i = from; i < to; i++) send(i);
  return (to - from) / (seconds() - start);
}
