import { subjectFilter } from '@andvari/kit/events/subject-filter';
import type { Nats } from '@andvari/kit/nats/nats';
import { readStream } from '@andvari/kit/nats/read-stream';
import { orderPlaced } from '@andvari/proto/events';
import type { OrderPlaced } from '@andvari/proto/order/v1/events';

/** What was once told of orders that were placed: for a database that an older backup was restored to. */
export interface PlacedOrders {
  /** The placing of these orders of one account, of those that the stream still has. */
  find(accountId: string, orderIds: ReadonlySet<string>): Promise<OrderPlaced[]>;
}

/** Reads an account's own subject from the beginning; it is done once in a blue moon. */
export function placedOrdersOf(nats: Nats): PlacedOrders {
  return {
    async find(accountId, orderIds) {
      const { stream, codec } = orderPlaced;
      const found: OrderPlaced[] = [];
      const told = readStream(nats, {
        stream,
        subject: subjectFilter(orderPlaced, { account_id: accountId }),
        since: 0,
      });
      for await (const { payload } of told) {
        const placed = codec.decode(payload);
        if (orderIds.has(placed.orderId)) found.push(placed);
      }
      return found;
    },
  };
}
