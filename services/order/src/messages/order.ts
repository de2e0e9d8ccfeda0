import { invalid } from '@andvari/kit/base/errors';
import { amount, toPrice, toQuantity } from '@andvari/money';
import { GroupType } from '@andvari/proto/engine/v1/commands';
import { Liquidity } from '@andvari/proto/engine/v1/reports';
import type {
  Execution as ExecutionMessage,
  OrderEvent as OrderEventMessage,
  Order as OrderMessage,
  OrderSpec as OrderSpecMessage,
} from '@andvari/proto/order/v1/order';
import { type Order, type OrderSpec, type Side, type Status, statusOf } from '../domain/order.ts';
import {
  groupTypeTo,
  liquidityTo,
  orderTypeFrom,
  orderTypeTo,
  sideFrom,
  sideTo,
  statusTo,
  timeInForceFrom,
  timeInForceTo,
} from './codes.ts';

/** What a client asks for; `field` is where the request has it: `order`, `legs[1]`. */
export function specFrom(field: string, spec: OrderSpecMessage | undefined): OrderSpec {
  if (spec === undefined) throw invalid(field, 'is missing', 'symbol_missing');
  const side = sideFrom(spec.side);
  const type = orderTypeFrom(spec.type);
  const timeInForce = timeInForceFrom(spec.timeInForce);
  if (side === undefined) throw invalid(`${field}.side`, 'should be buy or sell', 'side_missing');
  if (type === undefined) throw invalid(`${field}.type`, 'is missing', 'type_missing');
  if (timeInForce === undefined) throw invalid(`${field}.time_in_force`, 'is missing', 'time_in_force_missing');
  const { symbol, qty, notional, limitPx, stopPx, trailAmount, trailPercent, postOnly, extendedHours } = spec;
  return {
    symbol: symbol.slice(0, MAX_SYMBOL),
    side,
    type,
    timeInForce,
    qty,
    notional,
    limitPx,
    stopPx,
    trailAmount,
    trailPercent,
    postOnly,
    extendedHours,
  };
}

const MAX_SYMBOL = 33;

export function orderTo(order: Order): OrderMessage {
  const { spec, life, group } = order;
  return {
    id: order.id,
    clientOrderId: order.clientOrderId,
    accountId: order.accountId,
    userId: order.userId,
    spec: {
      symbol: spec.symbol,
      side: sideTo[spec.side],
      type: orderTypeTo[spec.type],
      timeInForce: timeInForceTo[spec.timeInForce],
      qty: life.qty,
      notional: spec.notional,
      limitPx: spec.limitPx,
      stopPx: life.stopPx,
      trailAmount: spec.trailAmount,
      trailPercent: spec.trailPercent,
      postOnly: spec.postOnly,
      extendedHours: spec.extendedHours,
    },
    status: statusTo[statusOf(life)],
    reason: life.reason,
    cumQty: life.cumQty,
    leavesQty: life.leavesQty,
    avgPx: life.avgPx,
    replaces: order.replaces ?? '',
    replacedBy: life.replacedBy ?? '',
    groupId: group?.id ?? '',
    groupType: group === undefined ? GroupType.GROUP_TYPE_UNSPECIFIED : groupTypeTo[group.type],
    groupLeg: group?.leg ?? 0,
    submittedAtUs: order.placedAtUs,
    updatedAtUs: life.updatedAtUs,
    finishedAtUs: life.finishedAtUs,
    collarPx: order.collarPx,
    collarOffset: order.collarOffset,
    acknowledgedAtUs: life.acknowledgedAtUs,
    reserved: order.reserved,
    reservedAsset: order.reservedAsset,
    waterMarkPx: life.waterMarkPx,
    apiKeyId: order.apiKeyId ?? '',
    version: life.version,
  };
}

/** What of a stored event people see. */
export interface ShownEvent {
  readonly id: bigint;
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly kind: string;
  readonly status: Status;
  readonly lastQty: bigint;
  readonly lastPx: bigint;
  readonly cumQty: bigint;
  readonly leavesQty: bigint;
  readonly reason: string;
  readonly liquidity: 'maker' | 'taker' | undefined;
  readonly tradeId: string;
  readonly execId: string;
  readonly actor: string;
  readonly actorId: string;
  readonly occurredAtUs: bigint;
}

export function eventTo(event: ShownEvent): OrderEventMessage {
  return {
    id: event.id.toString(),
    orderId: event.orderId,
    kind: event.kind,
    status: statusTo[event.status],
    lastQty: event.lastQty,
    lastPx: event.lastPx,
    reason: event.reason,
    occurredAtUs: event.occurredAtUs,
    cumQty: event.cumQty,
    leavesQty: event.leavesQty,
    actor: event.actor,
    actorId: event.actorId,
    execId: event.execId,
  };
}

export function executionTo(event: ShownEvent): ExecutionMessage {
  return {
    execId: event.execId,
    orderId: event.orderId,
    accountId: event.accountId,
    symbol: event.symbol,
    side: sideTo[event.side],
    qty: event.lastQty,
    px: event.lastPx,
    amount: amount(toPrice(event.lastPx), toQuantity(event.lastQty)),
    liquidity: event.liquidity === undefined ? Liquidity.LIQUIDITY_UNSPECIFIED : liquidityTo[event.liquidity],
    tradeId: event.tradeId,
    executedAtUs: event.occurredAtUs,
  };
}
