import { assert } from '@andvari/kit/base/errors';
import {
  type Funding as FundingMessage,
  FundingState as FundingStates,
  FundingType as FundingTypes,
  type TransferResponse,
} from '@andvari/proto/portfolio/v1/portfolio';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import { protoEnum } from '../proto-enum.ts';
import { NotFound, NotPossible, refusals, refusing } from '../refusals.ts';
import { amountOrNull, textOrNull } from '../text.ts';
import { Account } from './account.ts';

const FundingType = protoEnum('FundingType', FundingTypes, 'Which way the money goes.');
const FundingState = protoEnum('FundingState', FundingStates, 'How far it is.');

export const Funding = builder.objectRef<FundingMessage>('Funding').implement({
  description: 'Money that comes from, or goes to, a bank.',
  fields: (t) => ({
    id: t.globalID({ description: 'For good.', resolve: ({ id }) => ({ type: 'Funding', id }) }),
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
    account: t.field({
      type: Account,
      nullable: true,
      description: 'Into or out of which.',
      resolve: ({ accountId }) => accountId,
    }),
  }),
});

const Transfer = builder.objectRef<TransferResponse & { fromId: string; toId: string }>('Transfer').implement({
  description: 'Money moved between two of one’s own accounts.',
  fields: (t) => ({
    journalId: t.exposeString('journalId', { description: 'Its journal in the ledger.' }),
    amountOut: t.field({
      type: 'Decimal',
      description: 'What left, in the currency of the one.',
      resolve: ({ amountOut }) => amountOut,
    }),
    amountIn: t.field({
      type: 'Decimal',
      description: 'What arrived, in the currency of the other.',
      resolve: ({ amountIn }) => amountIn,
    }),
    rate: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The rate of its pair of currencies; null within one.',
      resolve: ({ fxRate }) => amountOrNull(fxRate),
    }),
    from: t.field({ type: Account, nullable: true, description: 'As it is now.', resolve: ({ fromId }) => fromId }),
    to: t.field({ type: Account, nullable: true, description: 'As it is now.', resolve: ({ toId }) => toId }),
  }),
});

const KEY = 'Made by the client for this intent: sent again with the same, nothing happens twice.';

const FundingInput = builder.inputType('FundingInput', {
  description: 'Money to bring in or to take out.',
  fields: (t) => ({
    accountId: t.globalID({ for: Account, required: true, description: 'Into or out of which.' }),
    amount: t.field({ type: 'Decimal', required: true, description: 'How much.' }),
    currency: t.string({ required: true, description: 'That of the account.' }),
    idempotencyKey: t.string({ required: true, description: KEY }),
  }),
});

const TransferInput = builder.inputType('TransferInput', {
  description: 'Money to move between two of one’s own accounts.',
  fields: (t) => ({
    fromAccountId: t.globalID({ for: Account, required: true, description: 'Out of which.' }),
    toAccountId: t.globalID({ for: Account, required: true, description: 'Into which.' }),
    amount: t.field({ type: 'Decimal', required: true, description: 'In the currency of the account it leaves.' }),
    idempotencyKey: t.string({ required: true, description: KEY }),
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

builder.mutationFields((t) => ({
  deposit: t.field({
    type: Funding,
    nullable: true,
    description: 'Brings money in.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { may: 'funding:create' },
    args: { input: t.arg({ type: FundingInput, required: true, description: 'What.' }) },
    resolve: async (_, { input: { accountId, ...rest } }, { clients }) => {
      const { funding } = await refusing(clients.portfolio.deposit({ accountId: accountId.id, ...rest }));
      assert(funding, 'Deposit answered without a funding');
      return funding;
    },
  }),
  withdraw: t.field({
    type: Funding,
    nullable: true,
    description: 'Takes money out.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { may: 'funding:create' },
    args: { input: t.arg({ type: FundingInput, required: true, description: 'What.' }) },
    resolve: async (_, { input: { accountId, ...rest } }, { clients }) => {
      const { funding } = await refusing(clients.portfolio.withdraw({ accountId: accountId.id, ...rest }));
      assert(funding, 'Withdraw answered without a funding');
      return funding;
    },
  }),
  transfer: t.field({
    type: Transfer,
    nullable: true,
    description: 'Moves money between two of one’s own accounts, across currencies at the stored rate.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { may: 'transfer:create' },
    args: { input: t.arg({ type: TransferInput, required: true, description: 'What.' }) },
    resolve: async (_, { input: { fromAccountId, toAccountId, ...rest } }, { clients }) => {
      const [fromId, toId] = [fromAccountId.id, toAccountId.id];
      const moved = await refusing(clients.portfolio.transfer({ fromAccountId: fromId, toAccountId: toId, ...rest }));
      return { ...moved, fromId, toId };
    },
  }),
}));
