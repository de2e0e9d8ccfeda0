import { toQuantity } from '@andvari/money';
import type { Report } from './life.ts';
import { newLife } from './new-order.ts';
import type { Order, Side } from './order.ts';

/** An order of the past, as somebody else tells of it: it traded all it was for at one price, or was cancelled or expired without having traded. */
export interface EndedOrder {
  readonly id: string;
  readonly accountId: string;
  readonly userId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: bigint;
  /** 0n for a market order. */
  readonly limitPx: bigint;
  readonly held: bigint;
  readonly heldAsset: string;
  /** 0n where it did not trade. */
  readonly fillPx: bigint;
  readonly execId: string;
  readonly placedAtUs: bigint;
  readonly endedAtUs: bigint;
  /** Whether its day ended before it traded. */
  readonly expired: boolean;
}

/** As it was when it was placed. */
export function asPlaced(ended: EndedOrder): Order {
  const { id, accountId, userId, clientOrderId, symbol, side, qty, limitPx, held, heldAsset, placedAtUs } = ended;
  return {
    id,
    accountId,
    userId,
    clientOrderId,
    spec: {
      symbol,
      side,
      type: limitPx === 0n ? 'market' : 'limit',
      timeInForce: 'day',
      qty,
      notional: 0n,
      limitPx,
      stopPx: 0n,
      trailAmount: 0n,
      trailPercent: 0n,
      postOnly: false,
      extendedHours: false,
    },
    qty: toQuantity(qty),
    collarPx: 0n,
    collarOffset: 0n,
    reserved: held,
    reservedAsset: heldAsset,
    replaces: undefined,
    group: undefined,
    apiKeyId: undefined,
    placedAtUs,
    life: newLife(qty, 0n, placedAtUs),
  };
}

/** What an engine would have said of it, from its first word to its last. */
export function reportsOf(ended: EndedOrder): readonly Report[] {
  const { id: orderId, execId, qty, fillPx, placedAtUs, endedAtUs } = ended;
  const { accountId, userId, symbol, side, expired } = ended;
  const nothing = { lastQty: 0n, lastPx: 0n, cumQty: 0n, avgPx: 0n, liquidity: undefined, tradeId: '' };
  const common = { orderId, accountId, userId, symbol, side, qty, reason: '', stopPx: 0n, waterMarkPx: 0n } as const;
  const others = { replaces: undefined, replacedBy: undefined };
  const acknowledged: Report = {
    ...common,
    ...nothing,
    ...others,
    execId: `${execId}-new`,
    type: 'new',
    status: 'new',
    leavesQty: qty,
    atUs: placedAtUs,
  };
  const traded = {
    lastQty: qty,
    lastPx: fillPx,
    cumQty: qty,
    avgPx: fillPx,
    liquidity: 'taker',
    tradeId: execId,
  } as const;
  const last: Report =
    fillPx === 0n
      ? {
          ...common,
          ...nothing,
          ...others,
          execId,
          type: expired ? 'expired' : 'canceled',
          status: expired ? 'expired' : 'canceled',
          reason: expired ? 'day_end' : '',
          leavesQty: 0n,
          atUs: endedAtUs,
        }
      : { ...common, ...traded, ...others, execId, type: 'fill', status: 'filled', leavesQty: 0n, atUs: endedAtUs };
  return [acknowledged, last];
}
