import type { Order } from '../../src/features/orders/rows.ts';

/** Orders that differ in their ids alone. */
export function newestFirst(ids: readonly string[]): Order[] {
  return ids.map((id) => ({
    id,
    orderId: id,
    accountId: 'a',
    clientOrderId: id,
    symbol: 'ACME',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'DAY',
    quantity: '10',
    notional: null,
    limitPrice: '187.21',
    stopPrice: null,
    trailAmount: null,
    trailPercent: null,
    postOnly: false,
    extendedHours: false,
    status: 'NEW',
    isOpen: true,
    reason: null,
    filledQuantity: '0',
    remainingQuantity: '10',
    averagePrice: null,
    replaces: null,
    replacedBy: null,
    groupId: null,
    groupType: null,
    groupLeg: null,
    submittedAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    finishedAt: null,
    version: 1,
  }));
}
