import type { TransferResponse } from '@andvari/proto/portfolio/v1/portfolio';
import { builder } from '../builder.ts';
import { NotFound, NotPossible, refusals, refusing } from '../refusals.ts';
import { InsufficientFunds } from '../shortfalls.ts';
import { amountOrNull, textOrNull } from '../text.ts';
import { Account, accountIdFrom } from './account.ts';
import { IDEMPOTENCY_KEY } from './funding.ts';

const Transfer = builder.objectRef<TransferResponse & { fromId: string; toId: string }>('Transfer').implement({
  description: 'Money moved between two of one’s own accounts.',
  fields: (t) => ({
    journalId: t.exposeID('journalId', { description: 'Its journal in the ledger.' }),
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
    fxRate: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What arrived for one unit of what left, the spread taken off; null within one currency.',
      resolve: ({ fxRate }) => amountOrNull(fxRate),
    }),
    fxSpread: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What the house kept, by the middle rate: 0.001 is 0.1 %; null within one currency.',
      resolve: ({ fxRate, fxSpread }) => (fxRate === 0n ? null : fxSpread),
    }),
    fxRateId: t.id({
      nullable: true,
      description: 'As the ledger keeps that rate.',
      resolve: ({ fxRateId }) => textOrNull(fxRateId),
    }),
    from: t.field({ type: Account, nullable: true, description: 'As it is now.', resolve: ({ fromId }) => fromId }),
    to: t.field({ type: Account, nullable: true, description: 'As it is now.', resolve: ({ toId }) => toId }),
  }),
});

const TransferInput = builder.inputType('TransferInput', {
  description: 'Money to move between two of one’s own accounts.',
  fields: (t) => ({
    fromAccountId: t.id({ required: true, description: 'Out of which.' }),
    toAccountId: t.id({ required: true, description: 'Into which.' }),
    amount: t.field({ type: 'Decimal', required: true, description: 'In the currency of the account it leaves.' }),
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY }),
  }),
});

builder.mutationField('transfer', (t) =>
  t.field({
    type: Transfer,
    nullable: true,
    description: 'Moves money between two of one’s own accounts, across currencies at the stored rate.',
    errors: refusals(InsufficientFunds, NotFound, NotPossible),
    authScopes: { may: 'transfer:create' },
    args: { input: t.arg({ type: TransferInput, required: true, description: 'What.' }) },
    resolve: async (_, { input: { fromAccountId, toAccountId, ...rest } }, { clients }) => {
      const fromId = accountIdFrom('fromAccountId', fromAccountId);
      const toId = accountIdFrom('toAccountId', toAccountId);
      const moved = await refusing(clients.portfolio.transfer({ fromAccountId: fromId, toAccountId: toId, ...rest }), {
        insufficient_funds: InsufficientFunds,
      });
      return { ...moved, fromId, toId };
    },
  }),
);
