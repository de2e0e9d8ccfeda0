import type { Nats } from '@andvari/kit/nats/nats';
import { orderPlaced } from '@andvari/proto/events';
import type { OrderPlaced } from '@andvari/proto/order/v1/events';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';

/** What was once told of orders that were placed: for a database that an older backup was restored to. */
export interface PlacedOrders {
  /** The placing of these orders of one account, of those that the stream still has. */
  find(accountId: string, orderIds: ReadonlySet<string>): Promise<OrderPlaced[]>;
}

/** Reads an account's own subject from the beginning; it is done once in a blue moon. */
export function placedOrdersOf(nats: Nats): PlacedOrders {
  return {
    async find(accountId, orderIds) {
      const { stream } = orderPlaced;
      const consumer = await nats.jsm.consumers.add(stream, {
        filter_subject: `order.placed.${accountId}`,
        deliver_policy: DeliverPolicy.All,
        ack_policy: AckPolicy.None,
        inactive_threshold: 60_000_000_000,
      });
      try {
        const found: OrderPlaced[] = [];
        const pull = await nats.js.consumers.get(stream, consumer.name);
        for (let left = consumer.num_pending; left > 0; ) {
          let received = 0;
          for await (const message of await pull.fetch({ max_messages: Math.min(left, 500), expires: 2000 })) {
            received += 1;
            const placed = orderPlaced.codec.decode(message.data);
            if (orderIds.has(placed.orderId)) found.push(placed);
          }
          if (received === 0) break;
          left -= received;
        }
        return found;
      } finally {
        await nats.jsm.consumers.delete(stream, consumer.name).catch(() => undefined);
      }
    },
  };
}
