import { gql } from '@urql/core';
import type { Cache, CacheExchangeOpts, Data } from '@urql/exchange-graphcache';

export type CacheUpdates = NonNullable<CacheExchangeOpts['updates']>;

/** What a change means for lists and for numbers that other fields are made of. Entities themselves are merged by their id. */
export const updates: CacheUpdates = {
  Mutation: {
    placeOrder: ({ placeOrder }, _, cache) => movedOrder(cache, placeOrder),
    placeGroup: (_, __, cache) => listsOf(cache, ['orders']),
    replaceOrder: ({ replaceOrder }, _, cache) => movedOrder(cache, replaceOrder),
    cancelAllOrders: (_, __, cache) => listsOf(cache, ['orders']),
    openAccount: (_, __, cache) => listsOf(cache, ['accounts'], 'Query'),
    closeAccount: (_, __, cache) => listsOf(cache, ['accounts'], 'Query'),
    deposit: (_, __, cache) => moneyMoved(cache),
    withdraw: (_, __, cache) => moneyMoved(cache),
    transfer: (_, __, cache) => moneyMoved(cache),
    createWatchlist: (_, __, cache) => listsOf(cache, ['watchlists'], 'Query'),
    deleteWatchlist: (_, __, cache) => listsOf(cache, ['watchlists'], 'Query'),
    reorderWatchlists: (_, __, cache) => listsOf(cache, ['watchlists'], 'Query'),
    createApiKey: (_, __, cache) => listsOf(cache, ['apiKeys'], 'Query'),
    revokeApiKey: (_, __, cache) => listsOf(cache, ['apiKeys'], 'Query'),
    confirmSecondFactor: (_, __, cache) => listsOf(cache, ['secondFactor'], 'Query'),
    renewRecoveryCodes: (_, __, cache) => listsOf(cache, ['secondFactor'], 'Query'),
    disableSecondFactor: (_, __, cache) => listsOf(cache, ['secondFactor'], 'Query'),
    revokeSession: (_, __, cache) => listsOf(cache, ['sessions'], 'Query'),
    logoutEverywhere: (_, __, cache) => listsOf(cache, ['sessions'], 'Query'),
    markNotificationsRead: (_, __, cache) => listsOf(cache, ['notifications'], 'Query'),
    grantRole: (_, __, cache) => listsOf(cache, ['grants', 'auditLog'], 'Query'),
    revokeRole: (_, __, cache) => listsOf(cache, ['grants', 'auditLog'], 'Query'),
    removeSecondFactor: (_, __, cache) => listsOf(cache, ['auditLog'], 'Query'),
    requestAccountDeletion: (_, __, cache) => listsOf(cache, ['accountDeletion'], 'Query'),
  },
  Subscription: {
    account: ({ account }, _, cache) => {
      const update = account as AccountUpdate | null;
      switch (update?.__typename) {
        case 'OrderMoved':
          movedOrder(cache, update.order);
          if (update.event === 'FILL') listsOf(cache, ['executions']);
          return;
        case 'PortfolioMoved':
          stands(cache, update);
          return;
        case 'LedgerMoved':
          moneyMoved(cache);
          return;
        // What happened between the first queries and the start of the stream was in neither.
        case 'SubscriptionStarted':
          listsOf(cache, ['orders']);
          return;
        case 'Missed':
          moneyMoved(cache);
          listsOf(cache, ['orders']);
          listsOf(cache, ['notifications'], 'Query');
          return;
        case 'NotificationArrived':
          listsOf(cache, ['notifications', 'inbox'], 'Query');
          return;
        default:
      }
    },
  },
};

interface AccountUpdate {
  __typename: string;
  accountId?: string;
  event?: string;
  order?: Data | null;
  summary?: Data;
  cashAvailable?: string;
  buyingPower?: string;
}

/** One number has one source: whoever shows the account's equity reads it here, whichever way it came. */
function stands(cache: Cache, { accountId, summary, cashAvailable, buyingPower }: AccountUpdate): void {
  const key = accounts(cache).find((account) => cache.resolve(account, 'accountId') === accountId);
  const id = key === undefined ? undefined : cache.resolve(key, 'id');
  if (key === undefined || typeof id !== 'string' || summary === undefined) return;
  cache.writeFragment(
    gql`
      fragment Stands on Account {
        id
        cashAvailable
        summary { __typename currency cash marketValue equity costBasis unrealizedPnl realizedPnl dayPnl netPaidIn staleSymbols }
      }
    `,
    { __typename: 'Account', id, cashAvailable, summary },
  );
  const power = cache.resolve(key, 'buyingPower');
  if (typeof power !== 'string') return;
  cache.writeFragment(
    gql`
      fragment Power on Account {
        id
        buyingPower { __typename amount }
      }
    `,
    { __typename: 'Account', id, buyingPower: { __typename: 'BuyingPower', amount: buyingPower } },
  );
}

/** An order that the lists do not have yet: read them again. One that they have was merged by its id already. */
function movedOrder(cache: Cache, order: unknown): void {
  const key = cache.keyOfEntity(order as Data | null);
  if (key === null || isListed(cache, key)) return;
  listsOf(cache, ['orders']);
}

function isListed(cache: Cache, key: string): boolean {
  return accounts(cache).some((account) =>
    cache
      .inspectFields(account)
      .filter(({ fieldName }) => fieldName === 'orders')
      .some(({ fieldKey }) => {
        const connection = cache.resolve(account, fieldKey);
        const nodes = typeof connection === 'string' ? cache.resolve(connection, 'nodes') : undefined;
        return Array.isArray(nodes) && (nodes as unknown[]).includes(key);
      }),
  );
}

function moneyMoved(cache: Cache): void {
  listsOf(cache, [
    'holdings',
    'activities',
    'executions',
    'fundings',
    'lots',
    'summary',
    'buyingPower',
    'cash',
    'cashReserved',
    'cashAvailable',
  ]);
}

/** Forgets fields, so that whoever shows them asks again. */
function listsOf(cache: Cache, fields: string[], of?: 'Query'): void {
  const entities = of === undefined ? accounts(cache) : ['Query'];
  for (const entity of entities) {
    for (const { fieldName, fieldKey } of cache.inspectFields(entity)) {
      if (fields.includes(fieldName)) cache.invalidate(entity, fieldKey);
    }
  }
}

function accounts(cache: Cache): string[] {
  const found = new Set<string>();
  for (const { fieldName, fieldKey } of cache.inspectFields('Query')) {
    if (fieldName === 'account') add(found, cache.resolve('Query', fieldKey));
    if (fieldName === 'accounts') {
      const connection = cache.resolve('Query', fieldKey);
      if (typeof connection === 'string') add(found, cache.resolve(connection, 'nodes'));
    }
  }
  return [...found];
}

function add(found: Set<string>, value: unknown): void {
  if (typeof value === 'string') found.add(value);
  else if (Array.isArray(value)) for (const each of value) add(found, each);
}
