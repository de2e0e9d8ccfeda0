import { statement, unnested } from '@andvari/kit/db/tables';
import type { Tx } from '@andvari/kit/db/types';
import type { Order } from '../domain/order.ts';
import { rowFrom } from './order-row.ts';
import { orders } from './schema.ts';

const insert = statement({ made: orders }, (db, { made }) =>
  db.insert(orders).select(unnested(orders, made)).onConflictDoNothing().returning({ id: orders.id }),
);

/** Orders with what became of them; answers the ids that were not there. */
export async function insertEndedOrders(tx: Tx, ended: readonly Order[]): Promise<Set<string>> {
  const inserted = await insert(tx, { made: ended.map(rowFrom) });
  return new Set(inserted.map(({ id }) => id));
}
