import { numbers, texts, words } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import type { Order, OrderLife } from '../domain/order.ts';

/**
 * Inserts what is not there yet, in the order given, and answers the ids that were. Whoever inserts the same id at the same
 * moment waits here for the other to commit.
 */
export async function insertOrders(tx: Tx, orders: readonly Order[]): Promise<Set<string>> {
  if (orders.length === 0) return new Set();
  const numbersOf = (of: (order: Order) => bigint): string => numbers(orders.map(of));
  const wordsOf = (of: (order: Order) => string | undefined): string => words(orders.map((order) => of(order) ?? null));
  const inserted = await tx<{ id: string }[]>`
    insert into orders (id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, asked_qty, notional, limit_px,
        asked_stop_px, trail_amount, trail_percent, post_only, collar_px, collar_offset, reserved, reserved_asset, replaces,
        group_id, group_type, group_leg, api_key_id, placed_at_us, status, qty, leaves_qty, stop_px, updated_at_us, awaiting_since_us)
    select id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, qty, notional, limit_px,
        stop_px, trail_amount, trail_percent, post_only, collar_px, collar_offset, reserved, reserved_asset, replaces,
        group_id, group_type, group_leg, api_key_id, placed_at_us, 'pending_new', qty, qty, stop_px, placed_at_us, placed_at_us
    from unnest(
      ${wordsOf(({ id }) => id)}::uuid[],
      ${wordsOf(({ accountId }) => accountId)}::uuid[],
      ${wordsOf(({ userId }) => userId)}::uuid[],
      ${texts(orders.map(({ clientOrderId }) => clientOrderId))}::text[],
      ${texts(orders.map(({ spec }) => spec.symbol))}::text[],
      ${wordsOf(({ spec }) => spec.side)}::text[],
      ${wordsOf(({ spec }) => spec.type)}::text[],
      ${wordsOf(({ spec }) => spec.timeInForce)}::text[],
      ${numbersOf(({ qty }) => qty)}::bigint[],
      ${numbersOf(({ spec }) => spec.notional)}::bigint[],
      ${numbersOf(({ spec }) => spec.limitPx)}::bigint[],
      ${numbersOf(({ spec }) => spec.stopPx)}::bigint[],
      ${numbersOf(({ spec }) => spec.trailAmount)}::bigint[],
      ${numbersOf(({ spec }) => spec.trailPercent)}::bigint[],
      ${wordsOf(({ spec }) => String(spec.postOnly))}::boolean[],
      ${numbersOf(({ collarPx }) => collarPx)}::bigint[],
      ${numbersOf(({ collarOffset }) => collarOffset)}::bigint[],
      ${numbersOf(({ reserved }) => reserved)}::bigint[],
      ${texts(orders.map(({ reservedAsset }) => reservedAsset))}::text[],
      ${wordsOf(({ replaces }) => replaces)}::uuid[],
      ${wordsOf(({ group }) => group?.id)}::uuid[],
      ${wordsOf(({ group }) => group?.type)}::text[],
      ${wordsOf(({ group }) => (group === undefined ? undefined : String(group.leg)))}::smallint[],
      ${wordsOf(({ apiKeyId }) => apiKeyId)}::uuid[],
      ${numbersOf(({ placedAtUs }) => placedAtUs)}::bigint[]
    ) with ordinality as new (id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, qty, notional, limit_px,
        stop_px, trail_amount, trail_percent, post_only, collar_px, collar_offset, reserved, reserved_asset, replaces, group_id,
        group_type, group_leg, api_key_id, placed_at_us, place)
    order by place
    on conflict (id) do nothing
    returning id`;
  return new Set(inserted.map(({ id }) => id));
}

/** Each row once, whatever happened to it. */
export async function saveLives(tx: Tx, orders: readonly { id: string; life: OrderLife }[]): Promise<void> {
  if (orders.length === 0) return;
  const numbersOf = (of: (life: OrderLife) => bigint): string => numbers(orders.map(({ life }) => of(life)));
  const wordsOf = (of: (life: OrderLife) => string | undefined): string =>
    words(orders.map(({ life }) => of(life) ?? null));
  await tx`
    update orders set status = new.status, pending = new.pending, reason = new.reason, qty = new.qty, cum_qty = new.cum_qty,
      leaves_qty = new.leaves_qty, avg_px = new.avg_px, stop_px = new.stop_px, water_mark_px = new.water_mark_px,
      replaced_by = new.replaced_by, updated_at_us = new.updated_at_us, acknowledged_at_us = new.acknowledged_at_us,
      finished_at_us = new.finished_at_us, awaiting_since_us = new.awaiting_since_us, version = new.version
    from unnest(
      ${words(orders.map(({ id }) => id))}::uuid[],
      ${wordsOf(({ status }) => status)}::text[],
      ${wordsOf(({ pending }) => pending)}::text[],
      ${texts(orders.map(({ life }) => life.reason))}::text[],
      ${numbersOf(({ qty }) => qty)}::bigint[],
      ${numbersOf(({ cumQty }) => cumQty)}::bigint[],
      ${numbersOf(({ leavesQty }) => leavesQty)}::bigint[],
      ${numbersOf(({ avgPx }) => avgPx)}::bigint[],
      ${numbersOf(({ stopPx }) => stopPx)}::bigint[],
      ${numbersOf(({ waterMarkPx }) => waterMarkPx)}::bigint[],
      ${wordsOf(({ replacedBy }) => replacedBy)}::uuid[],
      ${numbersOf(({ updatedAtUs }) => updatedAtUs)}::bigint[],
      ${numbersOf(({ acknowledgedAtUs }) => acknowledgedAtUs)}::bigint[],
      ${numbersOf(({ finishedAtUs }) => finishedAtUs)}::bigint[],
      ${numbersOf(({ awaitingSinceUs }) => awaitingSinceUs)}::bigint[],
      ${numbersOf(({ version }) => version)}::bigint[]
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
