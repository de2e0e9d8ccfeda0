import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { GroupType } from '@andvari/proto/engine/v1/commands';
import { operatorActed, orderPlaced, orderRefused } from '@andvari/proto/events';
import type { Order } from '../domain/order.ts';
import { groupTypeTo, orderTypeTo, sideTo, timeInForceTo } from './codes.ts';

const attributes = { source: 'order' };

export function orderPlacedEvent(order: Order): OutgoingEvent {
  const { id, accountId, userId, clientOrderId, spec, qty, group, replaces, placedAtUs } = order;
  const message = {
    orderId: id,
    accountId,
    userId,
    symbol: spec.symbol,
    clientOrderId,
    side: sideTo[spec.side],
    type: orderTypeTo[spec.type],
    timeInForce: timeInForceTo[spec.timeInForce],
    qty,
    limitPx: spec.limitPx,
    stopPx: spec.stopPx,
    groupId: group?.id ?? '',
    replaces: replaces ?? '',
    placedAtUs,
    notional: spec.notional,
    trailAmount: spec.trailAmount,
    trailPercent: spec.trailPercent,
    postOnly: spec.postOnly,
    collarPx: order.collarPx,
    collarOffset: order.collarOffset,
    reserved: order.reserved,
    reservedAsset: order.reservedAsset,
    groupType: group === undefined ? GroupType.GROUP_TYPE_UNSPECIFIED : groupTypeTo[group.type],
    groupLeg: group?.leg ?? 0,
    apiKeyId: order.apiKeyId ?? '',
  };
  return newEvent(orderPlaced, message, attributes);
}

export function orderRefusedEvent(of: {
  accountId: string;
  userId: string;
  symbol: string;
  reason: string;
}): OutgoingEvent {
  return newEvent(orderRefused, of, attributes);
}

export function operatorActedEvent(of: {
  accountId: string;
  userId: string;
  operatorId: string;
  action: string;
  orderId: string;
  reason: string;
}): OutgoingEvent {
  return newEvent(operatorActed, of, attributes);
}
