import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import {
  accountClosed,
  accountOpened,
  adjustmentPosted,
  corporateActionPosted,
  deadLetterDropped,
  dividendPaid,
  fillSettled,
  fundingChanged,
  splitApplied,
  transferPosted,
  userErased,
} from '@andvari/proto/events';
import type {
  AdjustmentPosted,
  CorporateActionPosted,
  DeadLetterDropped,
  DividendPaid,
  SplitApplied,
} from '@andvari/proto/portfolio/v1/events';
import type { OpenedAccount } from '../domain/account.ts';
import type { Funding } from '../domain/funding.ts';
import type { Fill, Settlement } from '../domain/settlement.ts';
import { accountTo, fundingTo } from './shared.ts';

const attributes = { source: 'portfolio' };

export function accountOpenedEvent(account: OpenedAccount): OutgoingEvent {
  return newEvent(accountOpened, { account: accountTo(account), accountId: account.id }, attributes);
}

export function accountClosedEvent({ id, userId }: OpenedAccount): OutgoingEvent {
  return newEvent(accountClosed, { accountId: id, userId }, attributes);
}

export function fillSettledEvent(fill: Fill, settled: { userId: string; settlement: Settlement }): OutgoingEvent {
  const { userId, settlement } = settled;
  const message = {
    accountId: fill.accountId,
    userId,
    orderId: fill.orderId,
    execId: fill.execId,
    symbol: fill.symbol,
    qty: fill.qty,
    px: fill.price,
    amount: settlement.cash + settlement.fee,
    fee: settlement.fee,
    realizedPnl: settlement.realised,
    positionQty: settlement.position.qty,
  };
  return newEvent(fillSettled, message, attributes);
}

export function fundingChangedEvent(funding: Funding): OutgoingEvent {
  const { accountId, userId } = funding;
  return newEvent(fundingChanged, { accountId, userId, funding: fundingTo(funding) }, attributes);
}

export type PostedTransfer = {
  readonly from: OpenedAccount;
  readonly to: OpenedAccount;
  readonly amountOut: bigint;
  readonly amountIn: bigint;
  readonly journalId: string;
};

export function transferPostedEvent({ from, to, ...moved }: PostedTransfer): OutgoingEvent {
  return newEvent(
    transferPosted,
    { accountId: from.id, userId: from.userId, toAccountId: to.id, ...moved },
    attributes,
  );
}

export function adjustmentPostedEvent(posted: AdjustmentPosted): OutgoingEvent {
  return newEvent(adjustmentPosted, posted, attributes);
}

export function deadLetterDroppedEvent(dropped: DeadLetterDropped): OutgoingEvent {
  return newEvent(deadLetterDropped, dropped, attributes);
}

export function userErasedEvent(userId: string): OutgoingEvent {
  return newEvent(userErased, { userId, service: 'portfolio' }, attributes);
}

/** Everybody whom the action concerns has been dealt with. */
export function corporateActionPostedEvent(posted: CorporateActionPosted): OutgoingEvent {
  return newEvent(corporateActionPosted, posted, attributes);
}

export function splitAppliedEvent(applied: SplitApplied): OutgoingEvent {
  return newEvent(splitApplied, applied, attributes);
}

export function dividendPaidEvent(paid: DividendPaid): OutgoingEvent {
  return newEvent(dividendPaid, paid, attributes);
}
