import { bigintArray, textArray, unquotedArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Statement, Tx } from '@andvari/kit/db/types';
import type { Order, OrderLife } from '../domain/order.ts';

/**
 * Inserts what is not there yet, in the order given, and answers the ids that were. Whoever inserts the same id at the same
 * moment waits here for the other to commit.
 */
export async function insertOrders(tx: Tx, orders: readonly Order[]): Promise<Set<string>> {
  if (orders.length === 0) return new Set();
  const bigintsOf = (of: (order: Order) => bigint): string => bigintArray(orders.map(of));
  const unquotedOf = (of: (order: Order) => string | undefined): string =>
    unquotedArray(orders.map((order) => of(order) ?? null));
  const inserted = await tx<{ id: string }[]>`
    insert into orders (id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, asked_qty, notional, limit_px,
        asked_stop_px, trail_amount, trail_percent, post_only, collar_px, collar_offset, reserved, reserved_asset, replaces,
        group_id, group_type, group_leg, api_key_id, placed_at_us, status, qty, leaves_qty, stop_px, updated_at_us, awaiting_since_us)
    select id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, qty, notional, limit_px,
        stop_px, trail_amount, trail_percent, post_only, collar_px, collar_offset, reserved, reserved_asset, replaces,
        group_id, group_type, group_leg, api_key_id, placed_at_us, 'pending_new', qty, qty, stop_px, placed_at_us, placed_at_us
    from unnest(
      ${unquotedOf(({ id }) => id)}::uuid[],
      ${unquotedOf(({ accountId }) => accountId)}::uuid[],
      ${unquotedOf(({ userId }) => userId)}::uuid[],
      ${textArray(orders.map(({ clientOrderId }) => clientOrderId))}::text[],
      ${textArray(orders.map(({ spec }) => spec.symbol))}::text[],
      ${unquotedOf(({ spec }) => spec.side)}::text[],
      ${unquotedOf(({ spec }) => spec.type)}::text[],
      ${unquotedOf(({ spec }) => spec.timeInForce)}::text[],
      ${bigintsOf(({ qty }) => qty)}::bigint[],
      ${bigintsOf(({ spec }) => spec.notional)}::bigint[],
      ${bigintsOf(({ spec }) => spec.limitPx)}::bigint[],
      ${bigintsOf(({ spec }) => spec.stopPx)}::bigint[],
      ${bigintsOf(({ spec }) => spec.trailAmount)}::bigint[],
      ${bigintsOf(({ spec }) => spec.trailPercent)}::bigint[],
      ${unquotedOf(({ spec }) => String(spec.postOnly))}::boolean[],
      ${bigintsOf(({ collarPx }) => collarPx)}::bigint[],
      ${bigintsOf(({ collarOffset }) => collarOffset)}::bigint[],
      ${bigintsOf(({ reserved }) => reserved)}::bigint[],
      ${textArray(orders.map(({ reservedAsset }) => reservedAsset))}::text[],
      ${unquotedOf(({ replaces }) => replaces)}::uuid[],
      ${unquotedOf(({ group }) => group?.id)}::uuid[],
      ${unquotedOf(({ group }) => group?.type)}::text[],
      ${unquotedOf(({ group }) => (group === undefined ? undefined : String(group.leg)))}::smallint[],
      ${unquotedOf(({ apiKeyId }) => apiKeyId)}::uuid[],
      ${bigintsOf(({ placedAtUs }) => placedAtUs)}::bigint[]
    ) with ordinality as new (id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, qty, notional, limit_px,
        stop_px, trail_amount, trail_percent, post_only, collar_px, collar_offset, reserved, reserved_asset, replaces, group_id,
        group_type, group_leg, api_key_id, placed_at_us, place)
    order by place
    on conflict (id) do nothing
    returning id`;
  return new Set(inserted.map(({ id }) => id));
}

/** Each row once, whatever happened to it. */
export function saveLives(tx: Tx, orders: readonly { id: string; life: OrderLife }[]): Statement | undefined {
  if (orders.length === 0) return undefined;
  const bigintsOf = (of: (life: OrderLife) => bigint): string => bigintArray(orders.map(({ life }) => of(life)));
  const unquotedOf = (of: (life: OrderLife) => string | undefined): string =>
    unquotedArray(orders.map(({ life }) => of(life) ?? null));
  return tx`
    update orders set status = new.status, pending = new.pending, reason = new.reason, qty = new.qty, cum_qty = new.cum_qty,
      leaves_qty = new.leaves_qty, avg_px = new.avg_px, stop_px = new.stop_px, water_mark_px = new.water_mark_px,
      replaced_by = new.replaced_by, updated_at_us = new.updated_at_us, acknowledged_at_us = new.acknowledged_at_us,
      finished_at_us = new.finished_at_us, awaiting_since_us = new.awaiting_since_us, version = new.version
    from unnest(
      ${uuidArray(orders.map(({ id }) => id))}::uuid[],
      ${unquotedOf(({ status }) => status)}::text[],
      ${unquotedOf(({ pending }) => pending)}::text[],
      ${textArray(orders.map(({ life }) => life.reason))}::text[],
      ${bigintsOf(({ qty }) => qty)}::bigint[],
      ${bigintsOf(({ cumQty }) => cumQty)}::bigint[],
      ${bigintsOf(({ leavesQty }) => leavesQty)}::bigint[],
      ${bigintsOf(({ avgPx }) => avgPx)}::bigint[],
      ${bigintsOf(({ stopPx }) => stopPx)}::bigint[],
      ${bigintsOf(({ waterMarkPx }) => waterMarkPx)}::bigint[],
      ${unquotedOf(({ replacedBy }) => replacedBy)}::uuid[],
      ${bigintsOf(({ updatedAtUs }) => updatedAtUs)}::bigint[],
      ${bigintsOf(({ acknowledgedAtUs }) => acknowledgedAtUs)}::bigint[],
      ${bigintsOf(({ finishedAtUs }) => finishedAtUs)}::bigint[],
      ${bigintsOf(({ awaitingSinceUs }) => awaitingSinceUs)}::bigint[],
      ${bigintsOf(({ version }) => version)}::bigint[]
    ) as new (id, status, pending, reason, qty, cum_qty, leaves_qty, avg_px, stop_px, water_mark_px, replaced_by, updated_at_us,
        acknowledged_at_us, finished_at_us, awaiting_since_us, version)
    where orders.id = new.id`;
}

/** Puts up a tombstone unless the order is there. Whoever inserts that id at the same moment and comes second finds it taken. */
export async function fenceOrder(tx: Tx, orderId: string, atUs: bigint): Promise<void> {
  await tx`
    insert into orders (id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, asked_qty, placed_at_us,
        status, qty, updated_at_us, finished_at_us)
    values (${orderId}, ${NOBODY}, ${NOBODY}, ${orderId}, '', '', '', '', 0, ${atUs}, 'fenced', 0, ${atUs}, ${atUs})
    on conflict (id) do nothing`;
}

const NOBODY = '00000000-0000-0000-0000-000000000000';
