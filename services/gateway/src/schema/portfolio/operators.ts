import { nowUs } from '@andvari/kit/base/clock';
import { assert } from '@andvari/kit/base/errors';
import type { AdjustResponse, FeeSchedule as FeeScheduleMessage } from '@andvari/proto/portfolio/v1/portfolio';
import type { Clients } from '../../clients.ts';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { findInPages, loadEach } from '../find-node.ts';
import { inCapitals } from '../market/symbols.ts';
import { asNamedIn } from '../operation-inputs.ts';
import { NotFound, NotPossible, refusals, refusing } from '../refusals.ts';
import { InsufficientFunds, InsufficientShares } from '../shortfalls.ts';
import { amountOrNull, REASON } from '../text.ts';
import { Account, accountIdFrom } from './account.ts';
import { IDEMPOTENCY_KEY } from './funding.ts';

const FeeSchedule = builder.loadableNodeRef<FeeScheduleMessage>('FeeSchedule', {
  id: { resolve: ({ id }) => id },
  load: (ids: string[], { clients }: GatewayContext) =>
    loadEach(ids, (wanted) =>
      findInPages(
        async (page) => {
          const { schedules, pageInfo } = await clients.portfolio.listFeeSchedules({ page });
          return { rows: schedules, pageInfo };
        },
        ({ id }) => id === wanted,
      ),
    ),
});

FeeSchedule.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'basisPoints' in value,
  description: 'What a trade costs besides its price.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As operators call it.' }),
    perOrder: t.field({ type: 'Decimal', description: 'Of every order.', resolve: ({ perOrder }) => perOrder }),
    perShare: t.field({ type: 'Decimal', description: 'Of every share.', resolve: ({ perShare }) => perShare }),
    basisPoints: t.field({
      type: 'Decimal',
      description: 'Of the amount, in hundredths of a percent.',
      resolve: ({ basisPoints }) => basisPoints,
    }),
    minimum: t.field({ type: 'Decimal', description: 'At the least.', resolve: ({ minimum }) => minimum }),
    maximum: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'At the most; null without a limit.',
      resolve: ({ maximum }) => amountOrNull(maximum),
    }),
    effectiveFrom: t.field({
      type: 'DateTime',
      description: 'In force from then until the next.',
      resolve: ({ effectiveFromUs }) => effectiveFromUs,
    }),
  }),
});

const Adjustment = builder.objectRef<AdjustResponse & { accountId: string }>('Adjustment').implement({
  description: 'Money or shares moved between an account and the house.',
  fields: (t) => ({
    journalId: t.exposeID('journalId', { description: 'Its journal in the ledger.' }),
    account: t.field({
      type: Account,
      nullable: true,
      description: 'The account as it is now.',
      resolve: ({ accountId }) => accountId,
    }),
    costBasis: t.field({
      type: 'Decimal',
      description: 'What shares that came or went had cost, with the sign of the amount.',
      resolve: ({ costBasis }) => costBasis,
    }),
  }),
});

const AdjustInput = builder.inputType('AdjustInput', {
  description: 'A correction by an operator.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'Whose account.' }),
    asset: t.string({ required: true, description: 'Its currency, or the symbol of shares.' }),
    amount: t.field({ type: 'Decimal', required: true, description: 'With a sign: what is added or taken.' }),
    costPrice: t.field({
      type: 'Decimal',
      description: 'For shares that are added, and only for them: what one cost.',
    }),
    reason: t.string({ required: true, description: REASON }),
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY }),
  }),
});

const SetFeeScheduleInput = builder.inputType('SetFeeScheduleInput', {
  description: 'Fees from some moment on.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'As operators call it.' }),
    perOrder: t.field({ type: 'Decimal', description: 'Of every order.' }),
    perShare: t.field({ type: 'Decimal', description: 'Of every share.' }),
    basisPoints: t.field({ type: 'Decimal', description: 'Of the amount, in hundredths of a percent.' }),
    minimum: t.field({ type: 'Decimal', description: 'At the least.' }),
    maximum: t.field({ type: 'Decimal', description: 'At the most; without it, no limit.' }),
    effectiveFrom: t.field({ type: 'DateTime', description: 'Without it, at once.' }),
  }),
});

builder.queryField('feeSchedules', (t) =>
  t.connection(
    {
      type: FeeSchedule,
      nullable: true,
      description: 'Fees that were, are and will be in force, the latest first.',
      complexity: connectionCost,
      authScopes: { may: 'portfolio:read' },
      resolve: (_, args, { clients }) =>
        connectionOf(args, async (page) => {
          const { schedules, pageInfo } = await clients.portfolio.listFeeSchedules({ page });
          return { rows: schedules, pageInfo };
        }),
    },
    { name: 'FeeScheduleConnection', description: 'A page of fee schedules.' },
    { name: 'FeeScheduleEdge', description: 'A fee schedule and its place in the list.' },
  ),
);

builder.objectField(Account, 'feeSchedule', (t) =>
  t.field({
    type: FeeSchedule,
    nullable: true,
    description: 'The fees in force now.',
    authScopes: { may: 'portfolio:read' },
    resolve: (_, _args, { clients }) => feesInForce(clients),
  }),
);

builder.mutationFields((t) => ({
  adjust: t.field({
    type: Adjustment,
    nullable: true,
    description: 'For operators: moves money or shares between an account and the house.',
    errors: refusals(InsufficientFunds, InsufficientShares, NotFound, NotPossible),
    authScopes: { mayToAll: 'ledger:adjust' },
    args: { input: t.arg({ type: AdjustInput, required: true, description: 'What.' }) },
    resolve: async (_, { input: { accountId: given, costPrice, asset, ...rest } }, { clients }) => {
      const accountId = accountIdFrom('accountId', given);
      const asked = clients.portfolio.adjust({
        ...rest,
        asset: inCapitals(asset),
        accountId,
        costPx: costPrice ?? undefined,
      });
      const made = await refusing(asked, {
        insufficient_funds: InsufficientFunds,
        insufficient_shares: InsufficientShares,
      });
      return { ...made, accountId };
    },
  }),
  setFeeSchedule: t.field({
    type: FeeSchedule,
    nullable: true,
    description: 'For operators: other fees from some moment on.',
    errors: refusals(NotPossible),
    authScopes: { mayToAll: 'fee_schedule:set' },
    args: { input: t.arg({ type: SetFeeScheduleInput, required: true, description: 'Which.' }) },
    resolve: async (_, { input }, { clients }) => {
      const asked = clients.portfolio.setFeeSchedule({
        schedule: {
          id: '',
          name: input.name,
          perOrder: input.perOrder ?? 0n,
          perShare: input.perShare ?? 0n,
          basisPoints: input.basisPoints ?? 0n,
          minimum: input.minimum ?? 0n,
          maximum: input.maximum ?? 0n,
          effectiveFromUs: input.effectiveFrom ?? 0n,
        },
      });
      const { schedule } = await refusing(asNamedIn('setFeeSchedule', asked));
      assert(schedule, 'SetFeeSchedule answered without a schedule');
      return schedule;
    },
  }),
}));

/** There are few that lie in the future: the newest that has begun is on the first page. */
async function feesInForce({ portfolio }: Clients): Promise<FeeScheduleMessage | null> {
  const { schedules } = await portfolio.listFeeSchedules({ page: { first: 100, after: '' } });
  const now = nowUs();
  return schedules.find(({ effectiveFromUs }) => effectiveFromUs <= now) ?? null;
}
