import { toQuantity } from '@andvari/money';
import type { Placement } from './judge-order.ts';
import type { Order, OrderGroup, OrderLife, OrderSpec } from './order.ts';

export interface OrderRequest {
  readonly id: string;
  readonly accountId: string;
  readonly userId: string;
  readonly clientOrderId: string;
  readonly spec: OrderSpec;
  readonly replaces?: string | undefined;
  readonly group?: OrderGroup | undefined;
  readonly apiKeyId?: string | undefined;
}

/** An order as it is before the engine has heard of it. */
export function newOrder(request: OrderRequest, placement: Placement, atUs: bigint): Order {
  const { id, accountId, userId, clientOrderId, spec, replaces, group, apiKeyId } = request;
  const { qty, collarPx, collarOffset, principal, asset } = placement;
  return {
    id,
    accountId,
    userId,
    clientOrderId,
    spec,
    qty: toQuantity(qty),
    collarPx,
    collarOffset,
    reserved: principal,
    reservedAsset: asset,
    replaces,
    group,
    apiKeyId,
    placedAtUs: atUs,
    life: newLife(qty, spec.stopPx, atUs),
  };
}

export function newLife(qty: bigint, stopPx: bigint, atUs: bigint): OrderLife {
  return {
    status: 'pending_new',
    pending: undefined,
    reason: '',
    qty,
    cumQty: 0n,
    leavesQty: qty,
    avgPx: 0n,
    stopPx,
    waterMarkPx: 0n,
    replacedBy: undefined,
    updatedAtUs: atUs,
    acknowledgedAtUs: 0n,
    finishedAtUs: 0n,
    awaitingSinceUs: atUs,
    version: 1n,
  };
}
