import { AppError, assert } from '@andvari/kit/base/errors';
import {
  AccountKind as AccountKinds,
  type Account as AccountMessage,
  AccountStatus as AccountStatuses,
} from '@andvari/proto/portfolio/v1/portfolio';
import { may } from '../../identity/viewer.ts';
import { builder, refusalFor } from '../builder.ts';
import { connectionCost, connectionOf, MAX_FIRST } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { uuidFrom } from '../entity-id.ts';
import { protoEnum } from '../proto-enum.ts';
import { timeOrNull } from '../scalars.ts';
import { userIdFrom } from '../user/user.ts';
import { signedIn } from '../viewer-scope.ts';

export const AccountKind = protoEnum(
  'AccountKind',
  AccountKinds,
  'What an account is for. Shares are held in investment accounts alone.',
  {
    SAVINGS: 'Money that is kept.',
    CHEQUING: 'Money that is spent.',
    INVESTMENT: 'Money and shares: the only kind that trades.',
  },
);
export const AccountStatus = protoEnum(
  'AccountStatus',
  AccountStatuses,
  'What may be done with an account: nothing new in a restricted one.',
  {
    ACTIVE: 'Everything.',
    RESTRICTED: 'Money may come in; no orders, and nothing leaves.',
    CLOSED: 'Nothing, for good.',
  },
);

/** All accounts that a response speaks of: the viewer's own come in one call. */
export const Account = builder.loadableNodeRef<AccountMessage>('Account', {
  id: { resolve: ({ id }) => id },
  load: loadAccounts,
});

Account.implement({
  description: 'An account: money of one currency and, in an investment account, shares.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'cashPosted' in value,
  authScopes: { mayOneOf: ['account:read', 'account:open', 'account:update', 'account:close'] },
  fields: (t) => ({
    accountId: t.exposeID('id', { description: 'Its UUID, as events name it.' }),
    userId: t.exposeID('userId', { description: 'Whose it is.' }),
    number: t.exposeString('number', { description: 'For people to read; nothing takes it as a key.' }),
    name: t.exposeString('name', { description: 'As its owner calls it.' }),
    kind: t.field({
      type: AccountKind.type,
      description: 'What it is for.',
      resolve: ({ kind }) => AccountKind.from(kind),
    }),
    status: t.field({
      type: AccountStatus.type,
      description: 'What may be done with it.',
      resolve: ({ status }) => AccountStatus.from(status),
    }),
    currency: t.exposeString('currency', { description: 'Three letters of ISO 4217.' }),
    cash: t.field({ type: 'Decimal', description: 'All the money there is.', resolve: ({ cashPosted }) => cashPosted }),
    cashReserved: t.field({
      type: 'Decimal',
      description: 'What open orders and withdrawals under way hold of it.',
      resolve: ({ cashReserved }) => cashReserved,
    }),
    cashAvailable: t.field({
      type: 'Decimal',
      description: 'The rest.',
      resolve: ({ cashPosted, cashReserved }) => cashPosted - cashReserved,
    }),
    openedAt: t.field({
      type: 'DateTime',
      description: 'When it was opened.',
      resolve: ({ openedAtUs }) => openedAtUs,
    }),
    closedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was closed, if it was.',
      resolve: ({ closedAtUs }) => timeOrNull(closedAtUs),
    }),
  }),
});

builder.queryFields((t) => ({
  accounts: t.connection(
    {
      type: Account,
      nullable: true,
      description: 'Somebody’s accounts, the oldest first.',
      complexity: connectionCost,
      authScopes: { may: 'account:read' },
      args: {
        userId: t.arg.id({ description: 'Whose; one’s own without it.' }),
        includeClosed: t.arg.boolean({
          required: true,
          defaultValue: false,
          description: 'Those that were closed as well.',
        }),
      },
      resolve: (_, { userId: whose, includeClosed, ...args }, context) =>
        connectionOf(args, async (page) => {
          const userId = whose ? userIdFrom(whose) : signedIn(context).userId;
          if (!may(context.viewer, 'account:read', userId)) throw refusalFor(context.viewer, 'account:read');
          const { accounts, pageInfo } = await context.clients.portfolio.listAccounts({ userId, includeClosed, page });
          return { rows: accounts, pageInfo };
        }),
    },
    { name: 'AccountConnection', description: 'A page of accounts.' },
    { name: 'AccountEdge', description: 'An account and its place in the list.' },
  ),
  account: t.field({
    type: Account,
    nullable: true,
    description: 'One account; null where there is none of that id that the viewer may see.',
    authScopes: { may: 'account:read' },
    args: { id: t.arg.id({ required: true, description: 'Which.' }) },
    resolve: async (_, { id }, context) => {
      try {
        return await Account.getDataloader(context).load(accountIdFrom('id', id));
      } catch (error) {
        if (error instanceof AppError && error.code === 'not_found') return null;
        throw error;
      }
    },
  }),
}));

/** More foreign accounts than so many are asked for by nobody who works by hand. */
const MAX_FOREIGN = 10;

/** The viewer's own in one call; an operator's look at others' accounts takes one a piece. */
async function loadAccounts(ids: string[], context: GatewayContext): Promise<(AccountMessage | Error)[]> {
  const { portfolio } = context.clients;
  const { userId } = signedIn(context);
  const page = { first: MAX_FIRST, after: '' };
  const { accounts } = await portfolio.listAccounts({ userId, includeClosed: true, page });
  const found = new Map(accounts.map((account) => [account.id, account]));
  const foreign = ids.filter((id) => !found.has(id)).slice(0, MAX_FOREIGN);
  const looked = await Promise.allSettled(foreign.map((accountId) => portfolio.getAccount({ accountId })));
  const refused = new Map<string, Error>();
  for (const [at, result] of looked.entries()) {
    const id = foreign[at];
    assert(id !== undefined, 'an answer without a question');
    if (result.status === 'fulfilled' && result.value.account !== undefined) found.set(id, result.value.account);
    else if (result.status === 'rejected' && result.reason instanceof Error) refused.set(id, result.reason);
  }
  return ids.map((id) => found.get(id) ?? refused.get(id) ?? accountMissing());
}

export function accountMissing(): AppError {
  return new AppError('not_found', 'no such account', { reason: 'account_not_found' });
}

export function accountIdFrom(field: string, given: string): string {
  return uuidFrom('Account', field, given);
}
