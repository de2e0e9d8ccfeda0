import { randomUUID } from 'node:crypto';
import { newEvent } from '@andvari/kit/events/event';
import { MICRO } from '@andvari/money';
import { corporateActionApplied } from '@andvari/proto/events';
import { type CorporateAction, CorporateActionType } from '@andvari/proto/stock/v1/stock';
import { caughtUp, type Opened, opened, operator, type Portfolio } from './portfolio-fixture.ts';

const REFERENCE = 100n * MICRO;

function action(symbol: string, terms: Partial<CorporateAction>): CorporateAction {
  return {
    id: randomUUID(),
    symbol,
    type: CorporateActionType.CORPORATE_ACTION_TYPE_SPLIT,
    ratioTo: 0n,
    ratioFrom: 0n,
    amount: 0n,
    exDate: '2026-03-02',
    currency: 'USD',
    appliedAtUs: BigInt(Date.now()) * 1000n,
    referencePx: REFERENCE,
    effectiveAtUs: 1n,
    ...terms,
  };
}

export const split = (symbol: string, ratioTo: bigint, ratioFrom: bigint, terms: Partial<CorporateAction> = {}) =>
  action(symbol, { ratioTo, ratioFrom, ...terms });
export const dividend = (symbol: string, amount: bigint) =>
  action(symbol, { type: CorporateActionType.CORPORATE_ACTION_TYPE_CASH_DIVIDEND, amount });

/** Each time as a message of its own. */
export async function told(portfolio: Portfolio, ...actions: CorporateAction[]): Promise<void> {
  await portfolio.publish(
    ...actions.map((one) =>
      newEvent(
        corporateActionApplied,
        { action: one, changedBy: 'test' },
        {
          source: 'stock',
          subject: { symbol: one.symbol },
        },
      ),
    ),
  );
  await caughtUp(portfolio, 'MARKET', 'portfolio-corporate-actions');
}

/** Shares that cost 10 each. */
export async function holding(portfolio: Portfolio, symbol: string, qty: bigint): Promise<Opened> {
  const account = await opened(portfolio);
  const request = { accountId: account.id, asset: symbol, amount: qty, reason: 'test', costPx: 10n * MICRO };
  await operator(portfolio).adjust({ ...request, idempotencyKey: randomUUID() });
  return account;
}
