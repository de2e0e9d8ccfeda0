import { randomUUID } from 'node:crypto';
import { AppError } from '@andvari/kit/base/errors';
import type { Caller } from '@andvari/proto/common/v1/common';
import {
  type Account,
  AccountKind,
  AccountStatus,
  type Activity,
  ActivityType,
  type DeadLetter,
  type FeeSchedule,
  type Funding,
  FundingState,
  FundingType,
  type Holding,
  type Lot,
} from '@andvari/proto/portfolio/v1/portfolio';
import { CLOSED_AT_US } from './fake-market.ts';
import { NOW_US } from './fake-rows.ts';
import { type Answers, userIdOf } from './fake-service.ts';

const MICRO = 1_000_000n;

/** Everybody has one account, whose id follows from theirs. */
export const accountIdOf = (userId: string): string => userIdOf(`account of ${userId}`);

/** And one deposit. */
export const fundingIdOf = (userId: string): string => userIdOf(`funding of ${userId}`);

export function accountOf(userId: string, id = accountIdOf(userId)): Account {
  return {
    id,
    userId,
    number: 'AN-0001',
    kind: AccountKind.ACCOUNT_KIND_INVESTMENT,
    currency: 'USD',
    name: 'Trading',
    status: AccountStatus.ACCOUNT_STATUS_ACTIVE,
    cashPosted: 10_000n * MICRO,
    cashReserved: 250n * MICRO,
    openedAtUs: NOW_US,
    closedAtUs: 0n,
  };
}

export function holdingOf(accountId: string, symbol: string): Holding {
  return {
    accountId,
    symbol,
    qty: 10n * MICRO,
    qtyReserved: 2n * MICRO,
    avgCostPx: 180n * MICRO,
    costBasis: 1800n * MICRO,
    realizedPnl: 12n * MICRO,
    currency: 'USD',
    split: undefined,
    // Six of them are from before; the other four were bought at 186.
    day: { sinceUs: CLOSED_AT_US, qty: 6n * MICRO, paid: 744n * MICRO },
  };
}

function lotOf(symbol: string): Lot {
  return {
    id: userIdOf(`lot of ${symbol}`),
    symbol,
    qtyOpened: 10n * MICRO,
    qtyRemaining: 10n * MICRO,
    costOpened: 1800n * MICRO,
    costRemaining: 1800n * MICRO,
    realizedPnl: 0n,
    openedAtUs: NOW_US,
    closedAtUs: 0n,
  };
}

/** The newest first: a purchase, a sale, a split that pays a part of a share out, one that does not. */
function activitiesOf(accountId: string): Activity[] {
  const bought = purchaseOf(accountId);
  const { ACTIVITY_TYPE_SELL: sell, ACTIVITY_TYPE_SPLIT: split } = ActivityType;
  const half = MICRO / 2n;
  return [
    bought,
    { ...bought, id: randomUUID(), type: sell, amount: 190n * MICRO, realizedPnl: 10n * MICRO },
    { ...bought, id: randomUUID(), type: split, orderId: '', qty: 0n, amount: 60n * MICRO, realizedPnl: -half },
    { ...bought, id: randomUUID(), type: split, orderId: '', amount: 0n },
  ];
}

function purchaseOf(accountId: string): Activity {
  return {
    id: randomUUID(),
    accountId,
    type: ActivityType.ACTIVITY_TYPE_BUY,
    symbol: 'ACME',
    qty: MICRO,
    px: 180n * MICRO,
    amount: -180n * MICRO,
    currency: 'USD',
    journalId: randomUUID(),
    reference: '',
    orderId: userIdOf('an order'),
    realizedPnl: 0n,
    occurredAtUs: NOW_US,
  };
}

function fundingOf(accountId: string, type: FundingType, id: string = randomUUID()): Funding {
  return {
    id,
    accountId,
    type,
    currency: 'USD',
    amount: 500n * MICRO,
    state: FundingState.FUNDING_STATE_REQUESTED,
    reason: '',
    requestedAtUs: NOW_US,
    updatedAtUs: NOW_US,
  };
}

const fees: FeeSchedule = {
  id: '1',
  name: 'Standard',
  perOrder: 0n,
  perShare: 5000n,
  basisPoints: 0n,
  minimum: 0n,
  maximum: 0n,
  effectiveFromUs: NOW_US,
};

export const deadLetter: DeadLetter = {
  id: userIdOf('a dead letter'),
  consumer: 'portfolio-executions',
  eventId: userIdOf('an execution'),
  subject: 'exec.0.an-account.fill',
  error: 'AppError (order_not_reserved): nothing is held for the order',
  failedAtUs: NOW_US,
  deliveries: 1,
  payload: Buffer.from('a message'),
  attempts: 0,
  requeued: false,
};

const noPage = { endCursor: '', hasNextPage: false };

/** Owns what it is asked about, as the real one does: another's account is as if it were not there. */
export function portfolioAnswers(): Answers {
  type OfAccount = { accountId: string };
  const ofAccount =
    (answer: (account: Account) => unknown) =>
    ({ accountId }: OfAccount, caller: Caller): unknown =>
      answer(owned(accountId, caller));
  return {
    openAccount: ({ userId }: { userId: string }) => ({ account: accountOf(userId) }),
    renameAccount: ({ accountId, name }: OfAccount & { name: string }, caller: Caller) => ({
      account: { ...owned(accountId, caller), name },
    }),
    closeAccount: ofAccount((account) => ({ account })),
    getAccount: ofAccount((account) => ({ account })),
    listAccounts: ({ userId }: { userId: string }) => ({ accounts: [accountOf(userId)], pageInfo: noPage }),
    getBuyingPower: ofAccount(({ currency, cashPosted, cashReserved, status }) => ({
      currency,
      buyingPower: cashPosted - cashReserved,
      cashPosted,
      cashReserved,
      reservedForOrders: cashReserved,
      reservedForWithdrawals: 0n,
      multiplier: MICRO,
      accountStatus: status,
    })),
    listHoldings: ofAccount(({ id }) => ({
      holdings: [holdingOf(id, 'ACME'), holdingOf(id, 'GLOBEX')],
      pageInfo: noPage,
    })),
    listLots: ofAccount(() => ({ lots: [lotOf('ACME')], pageInfo: noPage })),
    listActivities: ofAccount(({ id }) => ({ activities: activitiesOf(id), pageInfo: noPage })),
    listActiveSpans: ({ accountId, boundsUs }: OfAccount & { boundsUs: bigint[] }, caller: Caller) => {
      owned(accountId, caller);
      return { startsUs: boundsUs.slice(0, 1) };
    },
    getSummary: ({ accountId, quotes }: OfAccount & { quotes: { symbol: string; px: bigint }[] }, caller: Caller) => {
      const { currency, cashPosted } = owned(accountId, caller);
      const marketValue = quotes.reduce((sum, { px }) => sum + px * 10n, 0n);
      return {
        currency,
        cash: cashPosted,
        marketValue,
        staleSymbols: [],
        equity: cashPosted + marketValue,
        costBasis: 3600n * MICRO,
        unrealizedPnl: marketValue - 3600n * MICRO,
        realizedPnl: 24n * MICRO,
        dayPnl: 45n * MICRO,
        dayPnlOfGone: 0n,
        netPaidIn: 0n,
        unquotedSymbols: ['ACME', 'GLOBEX'].filter((symbol) => !quotes.some((quote) => quote.symbol === symbol)),
      };
    },
    getHistory: ofAccount(() => ({
      points: [{ atUs: NOW_US, equity: MICRO, profitLoss: 0n, profitLossRatio: 0n, cashFlow: MICRO }],
      baseValue: 0n,
      baseNetPaidIn: 0n,
      timeWeightedReturn: 10_000n,
      stepUs: 3_600_000_000n,
    })),
    deposit: ofAccount(({ id }) => ({ funding: fundingOf(id, FundingType.FUNDING_TYPE_DEPOSIT) })),
    withdraw: ofAccount(({ id }) => ({ funding: fundingOf(id, FundingType.FUNDING_TYPE_WITHDRAWAL) })),
    transfer: ({ fromAccountId, amount }: { fromAccountId: string; amount: bigint }, caller: Caller) => {
      owned(fromAccountId, caller);
      return { journalId: randomUUID(), amountOut: amount, amountIn: amount, fxRateId: '', fxRate: 0n, fxSpread: 0n };
    },
    getFunding: ({ fundingId }: { fundingId: string }, { userId }: Caller) => {
      if (fundingId !== fundingIdOf(userId)) throw new AppError('not_found', 'there is no such funding');
      return { funding: fundingOf(accountIdOf(userId), FundingType.FUNDING_TYPE_DEPOSIT, fundingId) };
    },
    listFundings: ofAccount(({ id, userId }) => ({
      fundings: [fundingOf(id, FundingType.FUNDING_TYPE_DEPOSIT, fundingIdOf(userId))],
      pageInfo: noPage,
    })),
    adjust: () => ({ journalId: randomUUID(), costBasis: 0n }),
    setFeeSchedule: ({ schedule }: { schedule: FeeSchedule }) => ({ schedule }),
    listDeadLetters: () => ({ letters: [deadLetter], pageInfo: noPage }),
    requeueDeadLetters: ({ ids }: { ids: string[] }) => ({
      letters: ids.map((id) => ({ ...deadLetter, id, requeued: true })),
    }),
    dropDeadLetters: () => ({}),
    listFeeSchedules: () => ({ schedules: [fees], pageInfo: noPage }),
  };
}

function missing(): AppError {
  return new AppError('not_found', 'there is no such account', { reason: 'account_not_found' });
}

function owned(accountId: string, { userId, scopes }: Caller): Account {
  if (accountId !== accountIdOf(userId) && !scopes.includes('account:read')) throw missing();
  return accountOf(userId, accountId);
}
