import { type Difference, difference } from './difference.ts';

/** An order as the order service's database has it, with the fills that it was told of. */
export interface OrderFacts {
  readonly id: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: string;
  readonly status: string;
  readonly qty: bigint;
  readonly cumQty: bigint;
  readonly leavesQty: bigint;
  /** Whether it waits for the engine's word: then the others may know more than it does. */
  readonly awaiting: boolean;
  readonly ended: boolean;
  /** How much the order that it replaced had filled: its own fills come on top. */
  readonly carried: bigint;
  readonly fills: readonly Fill[];
}

export interface Fill {
  readonly execId: string;
  readonly qty: bigint;
  readonly price: bigint;
}

/** What the ledger holds for an order. */
export interface ReservationFacts {
  readonly accountId: string;
  readonly symbol: string;
  readonly side: string;
  readonly open: boolean;
  readonly filled: bigint;
  readonly remaining: bigint;
}

/** A fill as the ledger booked it: shares that came or, negative, went. */
export interface Execution {
  readonly execId: string;
  readonly qty: bigint;
}

/** One order, as its service and the ledger have it. */
export function compareOrder(
  order: OrderFacts,
  reservation: ReservationFacts | undefined,
  executions: readonly Execution[],
): Difference[] {
  const subject = `order/${order.id}`;
  const differ = (check: string, expected: unknown, found: unknown) => difference(check, subject, expected, found);
  const found: Difference[] = [];

  const own = order.fills.reduce((sum, { qty }) => sum + qty, 0n);
  if (order.cumQty !== own + order.carried) {
    found.push(differ('order_filled_differs_from_its_fills', own + order.carried, order.cumQty));
  }
  if (order.cumQty + order.leavesQty !== order.qty && !order.ended) {
    found.push(differ('order_open_part_differs', order.qty - order.cumQty, order.leavesQty));
  }

  const sign = order.side === 'buy' ? 1n : -1n;
  const booked = new Map(executions.map(({ execId, qty }) => [execId, qty]));
  for (const { execId, qty } of order.fills) {
    const inLedger = booked.get(execId);
    if (inLedger === undefined) found.push(differ('fill_missing_in_ledger', execId, 'nothing'));
    else if (inLedger !== sign * qty) found.push(differ('fill_differs_in_ledger', sign * qty, inLedger));
    booked.delete(execId);
  }
  for (const execId of booked.keys()) found.push(differ('fill_missing_in_orders', execId, 'nothing'));

  if (reservation === undefined) {
    found.push(differ('order_without_reservation', order.status, 'nothing'));
    return found;
  }
  for (const field of ['accountId', 'symbol', 'side'] as const) {
    if (reservation[field] !== order[field])
      found.push(differ(`reservation_differs_in_${field}`, order[field], reservation[field]));
  }
  if (order.awaiting) return found;
  if (order.ended && reservation.open)
    found.push(differ('ended_order_holds_money', 'closed', `open, ${reservation.remaining}`));
  if (!order.ended && !reservation.open) found.push(differ('open_order_holds_nothing', 'open', 'closed'));
  if (!order.ended && reservation.filled !== order.cumQty) {
    found.push(differ('reservation_filled_differs', order.cumQty, reservation.filled));
  }
  return found;
}
