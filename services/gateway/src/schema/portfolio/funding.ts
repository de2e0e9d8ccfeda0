import { assert, invalid, isAppError } from '@andvari/kit/base/errors';
import {
  type DepositRequest,
  type Funding as FundingMessage,
  FundingState as FundingStates,
  FundingType as FundingTypes,
} from '@andvari/proto/portfolio/v1/portfolio';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { uuidFrom } from '../entity-id.ts';
import { loadEach } from '../find-node.ts';
import { protoEnum } from '../proto-enum.ts';
import { NotFound, NotPossible, refusals, refusing } from '../refusals.ts';
import { InsufficientFunds } from '../shortfalls.ts';
import { textOrNull } from '../text.ts';
import { Account, accountIdFrom } from './account.ts';

const FundingType = protoEnum('FundingType', FundingTypes, 'Which way the money goes.', {
  DEPOSIT: 'From a bank into the account.',
  WITHDRAWAL: 'Out of the account to a bank.',
});
const FundingState = protoEnum('FundingState', FundingStates, 'How far it is.', {
  REQUESTED: 'Asked for; nothing has happened yet.',
  HELD: 'Checked; of a withdrawal the money is held.',
  SENT: 'With the bank.',
  SETTLED: 'Done: the money has come or gone.',
  RETURNED: 'The bank sent it back; what was held is free.',
  FAILED: 'It came to nothing; what was held is free.',
});

export const Funding = builder.loadableNodeRef<FundingMessage>('Funding', {
  id: { resolve: ({ id }) => id },
  load: (ids: string[], { clients }: GatewayContext) =>
    loadEach(ids, async (fundingId) => (await clients.portfolio.getFunding({ fundingId })).funding),
});

Funding.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'requestedAtUs' in value,
  description: 'Money that comes from, or goes to, a bank.',
  fields: (t) => ({
    fundingId: t.exposeID('id', { description: 'Its UUID, as events name it.' }),
    accountId: t.exposeID('accountId', { description: 'Into or out of which account.' }),
    account: t.field({
      type: Account,
      nullable: true,
      description: 'The same as it is now.',
      resolve: ({ accountId }) => accountId,
    }),
    type: t.field({ type: FundingType.type, description: 'Which way.', resolve: ({ type }) => FundingType.from(type) }),
    state: t.field({
      type: FundingState.type,
      description: 'How far it is.',
      resolve: ({ state }) => FundingState.from(state),
    }),
    amount: t.field({ type: 'Decimal', description: 'How much.', resolve: ({ amount }) => amount }),
    currency: t.exposeString('currency', { description: 'Of the amount.' }),
    reason: t.string({
      nullable: true,
      description: 'Why it was returned or failed.',
      resolve: ({ reason }) => textOrNull(reason),
    }),
    requestedAt: t.field({
      type: 'DateTime',
      description: 'When it was asked for.',
      resolve: ({ requestedAtUs }) => requestedAtUs,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When it last came further.',
      resolve: ({ updatedAtUs }) => updatedAtUs,
    }),
  }),
});

builder.objectField(Account, 'fundings', (t) =>
  t.connection(
    {
      type: Funding,
      nullable: true,
      description: 'Deposits and withdrawals, the newest first.',
      complexity: connectionCost,
      authScopes: { may: 'funding:read' },
      resolve: ({ id }, args, { clients }) =>
        connectionOf(args, async (page) => {
          const { fundings, pageInfo } = await clients.portfolio.listFundings({ accountId: id, page });
          return { rows: fundings, pageInfo };
        }),
    },
    { name: 'FundingConnection', description: 'A page of fundings.' },
    { name: 'FundingEdge', description: 'A funding and its place in the list.' },
  ),
);

builder.queryField('funding', (t) =>
  t.field({
    type: Funding,
    nullable: true,
    description: 'One deposit or withdrawal; null where there is none of that id that the viewer may see.',
    authScopes: { may: 'funding:read' },
    args: { id: t.arg.id({ required: true, description: 'Which.' }) },
    resolve: async (_, { id }, { clients }) => {
      try {
        const { funding } = await clients.portfolio.getFunding({ fundingId: uuidFrom('Funding', 'id', id) });
        return funding ?? null;
      } catch (error) {
        if (isAppError(error, 'not_found')) return null;
        throw error;
      }
    },
  }),
);

const DepositInput = fundingInput('DepositInput', 'Money to bring in.');
const WithdrawInput = fundingInput('WithdrawInput', 'Money to take out.');

builder.mutationFields((t) => ({
  deposit: t.field({
    type: Funding,
    nullable: true,
    description: 'Brings money in.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { may: 'funding:create' },
    args: { input: t.arg({ type: DepositInput, required: true, description: 'What.' }) },
    resolve: async (_, { input }, { clients }) => {
      const { funding } = await refusing(asked(input, clients.portfolio.deposit));
      assert(funding, 'Deposit answered without a funding');
      return funding;
    },
  }),
  withdraw: t.field({
    type: Funding,
    nullable: true,
    description: 'Takes money out.',
    errors: refusals(InsufficientFunds, NotFound, NotPossible),
    authScopes: { may: 'funding:create' },
    args: { input: t.arg({ type: WithdrawInput, required: true, description: 'What.' }) },
    resolve: async (_, { input }, { clients }) => {
      const { funding } = await refusing(asked(input, clients.portfolio.withdraw), {
        insufficient_funds: InsufficientFunds,
      });
      assert(funding, 'Withdraw answered without a funding');
      return funding;
    },
  }),
}));

export const IDEMPOTENCY_KEY = 'Made by the client for this intent: sent again with the same, nothing happens twice.';

function fundingInput(name: string, description: string) {
  return builder.inputType(name, {
    description,
    fields: (t) => ({
      accountId: t.id({ required: true, description: 'Into or out of which account.' }),
      amount: t.field({ type: 'Decimal', required: true, description: 'How much.' }),
      currency: t.string({ description: 'That of the account; it is refused where it is another.' }),
      idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY }),
    }),
  });
}

interface FundingInput {
  accountId: string;
  amount: bigint;
  currency?: string | null | undefined;
  idempotencyKey: string;
}

/** Whoever names no currency means the account's; an empty one that somebody wrote is none. */
async function asked<T>(input: FundingInput, fund: (request: DepositRequest) => Promise<T>): Promise<T> {
  const { amount, currency, idempotencyKey } = input;
  const accountId = accountIdFrom('accountId', input.accountId);
  if (currency === '') throw invalid('currency', 'should be one, or left out');
  return fund({ accountId, amount, currency: currency ?? '', idempotencyKey });
}
