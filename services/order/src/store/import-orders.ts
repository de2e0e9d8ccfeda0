import { copyRows } from '@andvari/kit/db/copy-rows';
import { statement, unnested } from '@andvari/kit/db/tables';
import type { Tx } from '@andvari/kit/db/types';
import type { Order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';
import { rowFrom } from './order-row.ts';
import { orderEvents, orders } from './schema.ts';

const insert = statement({ made: orders }, (db, { made }) =>
  db.insert(orders).select(unnested(orders, made)).onConflictDoNothing().returning({ id: orders.id }),
);

/** Orders with what became of them; answers the ids that were not there. */
export async function insertEndedOrders(tx: Tx, ended: readonly Order[]): Promise<Set<string>> {
  const inserted = await insert(tx, { made: ended.map(rowFrom) });
  return new Set(inserted.map(({ id }) => id));
}

/** What happened to them, in the order in which it did. */
export async function copyEvents(tx: Tx, events: Iterable<OrderEvent>): Promise<void> {
  await copyRows(tx, orderEvents, events, (event) => event);
}
