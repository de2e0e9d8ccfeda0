import type { OrderFieldsFragment } from '../../api/generated/graphql.ts';
import type { Underway } from '../../api/orders.ts';

export type Order = OrderFieldsFragment;

/** A row of the blotter: an order, or one that is on its way and has no answer yet. */
export type Row =
  | { kind: 'order'; key: string; order: Order; depth: 0 | 1 }
  | { kind: 'underway'; key: string; underway: Underway };

/** The search of a trade page whose ticket is filled with the same once more. */
export const againOf = ({ side, quantity, type, limitPrice }: Order): Record<string, string> => ({
  side: side.toLowerCase(),
  quantity,
  ...(type === 'MARKET' ? { type: 'market' } : {}),
  ...(limitPrice === null ? {} : { price: limitPrice }),
});

/** What is on its way first, then orders as they came, legs beneath the first of their group; one that has arrived is there once. */
export function rowsOf(orders: readonly Order[], underway: readonly Underway[], symbol?: string): Row[] {
  const known = new Set(orders.map(({ clientOrderId }) => clientOrderId));
  const sending = underway.filter(
    ({ intent }) => !known.has(intent.clientOrderId) && (symbol === undefined || intent.legs[0]?.symbol === symbol),
  );
  const placed = new Set<string>();
  const rows: Row[] = sending.map((each) => ({ kind: 'underway', key: each.intent.clientOrderId, underway: each }));
  for (const order of orders) {
    if (placed.has(order.id)) continue;
    const family =
      order.groupId === null ? [order] : orders.filter(({ groupId }) => groupId === order.groupId).toSorted(byLeg);
    for (const [at, member] of family.entries()) {
      placed.add(member.id);
      rows.push({ kind: 'order', key: member.id, order: member, depth: at === 0 ? 0 : 1 });
    }
  }
  return rows;
}

const byLeg = (left: Order, right: Order): number => (left.groupLeg ?? 0) - (right.groupLeg ?? 0);
