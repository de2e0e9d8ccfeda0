import type { Account as AccountMessage, Funding as FundingMessage } from '@andvari/proto/portfolio/v1/portfolio';
import type { OpenedAccount } from '../domain/account.ts';
import type { Funding } from '../domain/funding.ts';
import { accountKindTo, accountStatusTo, fundingStateTo, fundingTypeTo } from './codes.ts';

/** What responses and events both carry. */
export function accountTo({ kind, status, closedAtUs, ...fields }: OpenedAccount): AccountMessage {
  return { ...fields, kind: accountKindTo[kind], status: accountStatusTo[status], closedAtUs: closedAtUs ?? 0n };
}

export function fundingTo(funding: Funding): FundingMessage {
  const { id, accountId, currency, amount, reason, requestedAtUs, updatedAtUs } = funding;
  const type = fundingTypeTo[funding.type];
  const state = fundingStateTo[funding.state];
  return { id, accountId, type, currency, amount, state, reason, requestedAtUs, updatedAtUs };
}
