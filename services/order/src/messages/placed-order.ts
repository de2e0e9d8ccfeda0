import { toQuantity } from '@andvari/money';
import type { OrderPlaced } from '@andvari/proto/order/v1/events';
import { newLife } from '../domain/new-order.ts';
import type { Order } from '../domain/order.ts';
import { groupTypeFrom, orderTypeFrom, sideFrom, timeInForceFrom } from './codes.ts';

/** The order that the news tells of, as it was when it was placed. Nothing where the news is older than what it has to say. */
export function orderFromPlaced(placed: OrderPlaced): Order | undefined {
  const side = sideFrom(placed.side);
  const type = orderTypeFrom(placed.type);
  const timeInForce = timeInForceFrom(placed.timeInForce);
  if (side === undefined || type === undefined || timeInForce === undefined) return undefined;
  const { symbol, qty, notional, limitPx, stopPx, trailAmount, trailPercent, postOnly, placedAtUs } = placed;
  const groupType = groupTypeFrom(placed.groupType);
  return {
    id: placed.orderId,
    accountId: placed.accountId,
    userId: placed.userId,
    clientOrderId: placed.clientOrderId,
    spec: {
      symbol,
      side,
      type,
      timeInForce,
      qty: notional === 0n ? qty : 0n,
      notional,
      limitPx,
      stopPx,
      trailAmount,
      trailPercent,
      postOnly,
      extendedHours: false,
    },
    qty: toQuantity(qty),
    collarPx: placed.collarPx,
    collarOffset: placed.collarOffset,
    reserved: placed.reserved,
    reservedAsset: placed.reservedAsset,
    replaces: placed.replaces === '' ? undefined : placed.replaces,
    group: groupType === undefined ? undefined : { id: placed.groupId, type: groupType, leg: placed.groupLeg },
    apiKeyId: placed.apiKeyId === '' ? undefined : placed.apiKeyId,
    placedAtUs,
    life: newLife(qty, stopPx, placedAtUs),
  };
}
