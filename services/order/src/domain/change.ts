import { refuseWrongSide } from './group-prices.ts';
import { type Collars, exposureOf, judgeOrder, type Placement } from './judge-order.ts';
import type { Market } from './market.ts';
import { type EngineStatus, hasEnded, type Order, type OrderSpec, sameSpec } from './order.ts';
import { type Refusal, refuse } from './refusal.ts';

/** What a cancel comes to: nothing to do where it is under way already, or has been done. */
export function decideCancel(order: Order, codeOf: (order: Order) => bigint): 'send' | 'done' | Refusal {
  const { status, pending, reason } = order.life;
  if (status === 'canceled' && asked.has(reason)) return 'done';
  if (hasEnded(status)) return refuse('too_late', '', { status: codeOf(order) });
  if (pending === 'cancel') return 'done';
  if (pending === 'replace') return refuse('change_pending', '', { status: codeOf(order) });
  return 'send';
}

/** As the engine says of an order that somebody had it cancel. */
const asked: ReadonlySet<string> = new Set(['user_requested', 'operator_requested']);

/** What is to be different; 0n leaves it as it is. `qty` is the new total, what has been filled included. */
export interface Change {
  readonly qty: bigint;
  readonly limitPx: bigint;
  readonly stopPx: bigint;
  readonly trailAmount: bigint;
  readonly trailPercent: bigint;
}

export interface Replacement {
  readonly spec: OrderSpec;
  readonly placement: Placement;
}

/**
 * The ladder of a replacement: first whether the order can be changed at all, then the new one as if it were placed, in its group too.
 */
export function judgeReplacement(
  order: Order,
  groupOrders: readonly Order[],
  change: Change,
  market: Market,
  collars: Collars,
  codeOf: (order: Order) => bigint,
): Replacement | Refusal {
  const { life, group } = order;
  if (hasEnded(life.status)) return refuse('too_late', '', { status: codeOf(order) });
  if (life.pending !== undefined) return refuse('change_pending', '', { status: codeOf(order) });
  if (!replaceable.has(life.status) || order.spec.type === 'market') {
    return refuse('not_replaceable', 'order_id');
  }
  if (group !== undefined && change.qty !== 0n && change.qty !== life.qty) {
    return refuse('group_quantity_fixed', 'qty', { quantity: life.qty });
  }
  const spec = changedSpec(order, change);
  if (sameSpec(spec, currentSpec(order))) return refuse('nothing_to_change');
  if (change.qty !== 0n && change.qty <= life.cumQty) {
    return refuse('quantity_not_above_filled', 'qty', { filled: life.cumQty, quantity: change.qty });
  }
  const misplaced = refuseInGroup({ group, spec, replaces: order.id }, groupOrders);
  if (misplaced !== undefined) return misplaced;
  const placement = judgeOrder(spec, market, collars, life.status === 'held' ? 'exit' : 'single');
  return 'refused' in placement ? placement : { spec, placement };
}

/**
 * Against all of its group that may still trade: an exit may lie anywhere once its entry has ended. Of a leg that is being replaced both count, since
 * either may be what stays.
 */
export function refuseInGroup(
  { group, spec, replaces }: Pick<Order, 'group' | 'spec' | 'replaces'>,
  groupOrders: readonly Order[],
): Refusal | undefined {
  if (group === undefined) return undefined;
  const others = groupOrders.flatMap((other) =>
    other.id === replaces || other.group?.id !== group.id || hasEnded(other.life.status)
      ? []
      : [{ leg: other.group.leg, spec: other.spec }],
  );
  return refuseWrongSide(group.type, { leg: group.leg, spec }, others);
}

/**
 * What a replacement comes to beyond what has been counted: beyond the order that it replaces where that was, or else all that is
 * still to be traded.
 */
export function addedExposure(
  old: Order,
  { spec, placement }: Replacement,
  market: Market,
  collars: Collars,
  wasCounted: boolean,
): bigint {
  const current = currentSpec(old);
  const before = wasCounted
    ? exposureOf(current, current.qty, market, collars)
    : exposureOf(spec, old.life.cumQty, market, collars);
  return placement.exposure > before ? placement.exposure - before : 0n;
}

const replaceable: ReadonlySet<EngineStatus> = new Set(['pending_new', 'accepted', 'held', 'new', 'partially_filled']);

/** A group's leg is as large as its group is by now. */
function currentSpec({ spec, qty, group, life }: Order): OrderSpec {
  return { ...spec, qty: group === undefined ? qty : life.qty, notional: 0n };
}

function changedSpec(order: Order, { qty, limitPx, stopPx, trailAmount, trailPercent }: Change): OrderSpec {
  const spec = currentSpec(order);
  const trail =
    trailAmount !== 0n || trailPercent !== 0n
      ? { trailAmount, trailPercent }
      : { trailAmount: spec.trailAmount, trailPercent: spec.trailPercent };
  return {
    ...spec,
    ...trail,
    qty: qty === 0n ? spec.qty : qty,
    limitPx: limitPx === 0n ? spec.limitPx : limitPx,
    stopPx: stopPx === 0n ? spec.stopPx : stopPx,
  };
}

/** Whether an order is what an earlier try of the same replacement has made. */
export function isOutcomeOf(change: Change, replaces: string, order: Pick<Order, 'replaces' | 'spec'>): boolean {
  const { qty, limitPx, stopPx, trailAmount, trailPercent } = change;
  const wanted = {
    ...order.spec,
    ...(qty === 0n ? {} : { qty }),
    ...(limitPx === 0n ? {} : { limitPx }),
    ...(stopPx === 0n ? {} : { stopPx }),
    ...(trailAmount === 0n ? {} : { trailAmount }),
    ...(trailPercent === 0n ? {} : { trailPercent }),
  };
  return order.replaces === replaces && sameSpec(wanted, order.spec);
}

/** An order with a cancel or a replacement under way. */
export function awaiting(order: Order, pending: 'cancel' | 'replace', atUs: bigint): Order {
  const awaitingSinceUs = order.life.awaitingSinceUs === 0n ? atUs : order.life.awaitingSinceUs;
  const life = { ...order.life, pending, awaitingSinceUs, updatedAtUs: atUs, version: order.life.version + 1n };
  return { ...order, life };
}
