import type { Exchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { type CacheUpdates, updates } from './cache-updates.ts';
import { possibleTypes } from './generated/possible-types.ts';

/** What the server knows, kept once per thing. What has no id of its own stays with what it belongs to. */
export function graphcache(): Exchange {
  return cacheExchange({
    possibleTypes,
    keys: { ...keyed, ...(import.meta.env.DEV ? embedded() : {}) },
    resolvers: {
      Query: {
        notifications: relayPagination(),
        sessions: relayPagination(),
        apiKeys: relayPagination(),
        auditLog: relayPagination(),
        instruments: relayPagination(),
        grants: relayPagination(),
      },
      Account: {
        orders: relayPagination(),
        activities: relayPagination(),
        executions: relayPagination(),
        fundings: relayPagination(),
        lots: relayPagination(),
      },
    },
    updates: updates satisfies CacheUpdates,
  });
}

const by = (field: string) => (data: Record<string, unknown>) => {
  const value = data[field];
  return typeof value === 'string' ? value : null;
};

const keyed = {
  Quote: by('symbol'),
  Role: by('name'),
  SystemStatus: () => 'now',
  Preferences: () => 'own',
  Inbox: () => 'own',
  OrderEvent: () => null,
};

/** What has no id is embedded as it is; this only keeps the cache from asking about it while one develops. */
const embedded = () =>
  Object.fromEntries(
    [
      'Onboarding',
      'Permissions',
      'AuditDetail',
      'AuditVerification',
      'AccountDeletion',
      'BuyingPower',
      'PortfolioSummary',
      'PortfolioHistory',
      'HistoryPoint',
      'Bars',
      'InstrumentSearchConnection',
      'Book',
      'BookLevel',
      'Trade',
      'Mover',
      'MoverConnection',
      'MarketClock',
      'MarketCalendar',
      'MarketDay',
      'MarketHoliday',
      'Statement',
      'StatementConnection',
      'OrderExplanation',
      'Explanation',
      'Fact',
      'OrderPreview',
      'ReplacementPreview',
      'Allowed',
      'BlotterSummary',
      'StatusCount',
      'OrderGroup',
      'OrderOutcome',
      'CancelledOrders',
      'ClosedPositions',
      'LiquidatedAccount',
      'OrderStory',
      'Reservation',
      'EngineOrder',
      'SentCommand',
      'UnexpectedReport',
      'ServiceStatus',
      'StreamStatus',
      'Transfer',
      'Adjustment',
      'PageInfo',
      'ConfirmPassword',
      'CreatedApiKey',
      'SecondFactor',
      'SecondFactorSecret',
      'SecondFactorEnabled',
      'SecondFactorDisabled',
      'RecoveryCodesRenewed',
      'QuotesMoved',
      'BookMoved',
      'TradesPrinted',
      'OrderMoved',
      'LedgerMoved',
      'PortfolioMoved',
      'ExecutionArrived',
      'NotificationArrived',
      'SubscriptionStarted',
      'Missed',
      'LoggedOut',
      'MarkedRead',
      'PasswordChanged',
      'DeletedWatchlist',
      'DroppedDeadLetters',
      'ReorderedWatchlists',
      'RequeuedDeadLetters',
      'RevokedApiKey',
      'RevokedRole',
      'RevokedSession',
      'InvalidInput',
      'InvalidOrder',
      'NotFound',
      'NotPossible',
      'RateLimited',
      'TooLate',
      'MarketClosed',
      'SymbolHalted',
      'NoPrice',
      'DuplicateClientOrderId',
      'ApiKeyCapExceeded',
      'InsufficientBuyingPower',
      'InsufficientShares',
      'InsufficientFunds',
      'ExceedsOwnRights',
      'LastAdmin',
      'TooManyApiKeys',
      'UnfitPassword',
      'WrongCode',
      'WrongPassword',
    ].map((name) => [name, () => null]),
  );
