import { uuidArray } from '@andvari/kit/db/pg-array';
import type { Db } from '@andvari/kit/db/types';

export type Suspect = { readonly orderId: string; readonly accountId: string };

/**
 * Reservations of orders that nothing has been heard of, the oldest first: open, untraded, and not known to have an order. Orders that are placed
 * together are there all or none, so the first of them stands for all.
 */
export async function findSuspects(db: Db, olderThanMs: number, limit: number): Promise<Suspect[]> {
  return db<Suspect[]>`
    select held.id as "orderId", held.account_id as "accountId" from reservations held
    where held.state = 'open' and held.purpose = 'order' and held.filled = 0
      and (held.replaces is not null or coalesce(held.group_leg, 0) = 0)
      and held.created_at < now() - ${olderThanMs} * interval '1 millisecond'
      and not exists (select 1 from confirmed_orders known where known.order_id = held.id)
    order by held.created_at limit ${limit}`;
}

/** Their orders exist: nobody need ask again. */
export async function confirmOrders(db: Db, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return;
  await db`
    insert into confirmed_orders (order_id) select * from unnest(${uuidArray(orderIds)}::uuid[]) on conflict do nothing`;
}

/** One small batch of those whose orders have ended. True when there may be more. */
export async function forgetEndedOrders(db: Db): Promise<boolean> {
  const deleted = await db`
    delete from confirmed_orders where order_id = any(array(
      select known.order_id from confirmed_orders known join reservations held on held.id = known.order_id
      where held.state = 'closed' limit 1000))`;
  return deleted.count === 1000;
}
