import type { Side, Status } from './order.ts';

/** What happened to an order, for its history. */
export interface OrderEvent {
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: Side;
  /** What happened: the type of the report, or `cancel_requested`, `replace_requested`. */
  readonly kind: string;
  /** What the order was afterwards. */
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
