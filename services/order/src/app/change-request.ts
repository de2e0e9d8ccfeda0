import { type Order, statusOf } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';
import { statusTo } from '../messages/codes.ts';

/** Who asks for a change, as the history shows it. */
export interface Actor {
  readonly kind: 'user' | 'api_key' | 'operator' | 'service';
  readonly id: string;
}

/** Another's order is as unknown as one that never was. */
export function isOf(order: Order, asked: { userId: string | undefined; accountId: string | undefined }): boolean {
  return order.userId === (asked.userId ?? order.userId) && order.accountId === (asked.accountId ?? order.accountId);
}

/** The number of its status in the contract. */
export function codeOf(order: Order): bigint {
  return BigInt(statusTo[statusOf(order.life)]);
}

export function requestEvent(order: Order, kind: string, actor: Actor, atUs: bigint): OrderEvent {
  const { id, accountId, spec, life } = order;
  return {
    orderId: id,
    accountId,
    symbol: spec.symbol,
    side: spec.side,
    kind,
    status: statusOf(life),
    lastQty: 0n,
    lastPx: 0n,
    cumQty: life.cumQty,
    leavesQty: life.leavesQty,
    reason: '',
    liquidity: undefined,
    tradeId: '',
    execId: '',
    actor: actor.kind,
    actorId: actor.id,
    occurredAtUs: atUs,
  };
}
