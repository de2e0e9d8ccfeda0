import {
  type GetBuyingPowerResponse,
  type GetHistoryResponse,
  type GetSummaryResponse,
  HistoryPeriod as HistoryPeriods,
} from '@andvari/proto/portfolio/v1/portfolio';
import { builder } from '../builder.ts';
import { protoEnum } from '../proto-enum.ts';
import { Account } from './account.ts';

export const HistoryPeriod = protoEnum('HistoryPeriod', HistoryPeriods, 'How far back.');

const BuyingPower = builder.objectRef<GetBuyingPowerResponse>('BuyingPower').implement({
  description: 'What may be spent now, with everything that it comes from: (posted - reserved) times the multiplier.',
  fields: (t) => ({
    currency: t.exposeString('currency', { description: 'Of all these amounts.' }),
    amount: t.field({ type: 'Decimal', description: 'What may be spent.', resolve: ({ buyingPower }) => buyingPower }),
    cashPosted: t.field({
      type: 'Decimal',
      description: 'All the money there is.',
      resolve: ({ cashPosted }) => cashPosted,
    }),
    cashReserved: t.field({
      type: 'Decimal',
      description: 'What is held of it.',
      resolve: ({ cashReserved }) => cashReserved,
    }),
    reservedForOrders: t.field({
      type: 'Decimal',
      description: 'Held by open orders.',
      resolve: ({ reservedForOrders }) => reservedForOrders,
    }),
    reservedForWithdrawals: t.field({
      type: 'Decimal',
      description: 'Held by withdrawals under way.',
      resolve: ({ reservedForWithdrawals }) => reservedForWithdrawals,
    }),
    multiplier: t.field({
      type: 'Decimal',
      description: '1 for a cash account.',
      resolve: ({ multiplier }) => multiplier,
    }),
  }),
});

export const PortfolioSummary = builder.objectRef<GetSummaryResponse>('PortfolioSummary').implement({
  description: 'An account in numbers, valued at the last prices.',
  fields: (t) => ({
    currency: t.exposeString('currency', { description: 'Of all these amounts.' }),
    cash: t.field({ type: 'Decimal', description: 'Money.', resolve: ({ cash }) => cash }),
    marketValue: t.field({
      type: 'Decimal',
      description: 'Shares at the last prices.',
      resolve: ({ marketValue }) => marketValue,
    }),
    equity: t.field({ type: 'Decimal', description: 'Both together.', resolve: ({ equity }) => equity }),
    costBasis: t.field({
      type: 'Decimal',
      description: 'What the shares cost.',
      resolve: ({ costBasis }) => costBasis,
    }),
    unrealizedPnl: t.field({
      type: 'Decimal',
      description: 'Market value less cost.',
      resolve: ({ unrealizedPnl }) => unrealizedPnl,
    }),
    realizedPnl: t.field({
      type: 'Decimal',
      description: 'What sales have gained.',
      resolve: ({ realizedPnl }) => realizedPnl,
    }),
    dayPnl: t.field({
      type: 'Decimal',
      description: 'Gained since the close before.',
      resolve: ({ dayPnl }) => dayPnl,
    }),
    unquotedSymbols: t.exposeStringList('unquotedSymbols', {
      description: 'Valued at cost, because no price was fresh enough.',
    }),
  }),
});

const EquityHistory = builder.objectRef<GetHistoryResponse>('EquityHistory').implement({
  description: 'An account over time, in columns: the values of one index belong together. The last is now.',
  fields: (t) => ({
    at: t.field({ type: ['DateTime'], description: 'When.', resolve: ({ points }) => points.map(({ atUs }) => atUs) }),
    equity: t.field({
      type: ['Decimal'],
      description: 'Money and shares.',
      resolve: ({ points }) => points.map((it) => it.equity),
    }),
    profitLoss: t.field({
      type: ['Decimal'],
      description: 'Since the base, without what was brought in and taken out.',
      resolve: ({ points }) => points.map((it) => it.profitLoss),
    }),
    return: t.field({
      type: ['Decimal'],
      description: 'The time-weighted return up to there; 0.05 is 5 %.',
      resolve: ({ points }) => points.map((it) => it.profitLossRatio),
    }),
    cashFlow: t.field({
      type: ['Decimal'],
      description: 'Brought in less taken out since the point before.',
      resolve: ({ points }) => points.map((it) => it.cashFlow),
    }),
    baseValue: t.field({
      type: 'Decimal',
      description: 'What the period began with.',
      resolve: ({ baseValue }) => baseValue,
    }),
    timeWeightedReturn: t.field({
      type: 'Decimal',
      description: 'Of the whole period; 0.05 is 5 %.',
      resolve: ({ timeWeightedReturn }) => timeWeightedReturn,
    }),
  }),
});

builder.objectFields(Account, (t) => ({
  buyingPower: t.field({
    type: BuyingPower,
    nullable: true,
    description: 'What may be spent now.',
    authScopes: { may: 'portfolio:read' },
    resolve: ({ id }, _args, { clients }) => clients.portfolio.getBuyingPower({ accountId: id, currency: '' }),
  }),
  summary: t.field({
    type: PortfolioSummary,
    nullable: true,
    description: 'It in numbers.',
    authScopes: { may: 'portfolio:read' },
    resolve: ({ id }, _args, { clients }) => clients.portfolio.getSummary({ accountId: id, quotes: [] }),
  }),
  history: t.field({
    type: EquityHistory,
    nullable: true,
    description: 'It over time.',
    complexity: 20,
    authScopes: { may: 'portfolio:read' },
    args: { period: t.arg({ type: HistoryPeriod.type, required: true, description: 'How far back.' }) },
    resolve: ({ id }, { period }, { clients }) =>
      clients.portfolio.getHistory({ accountId: id, period: period as HistoryPeriods }),
  }),
}));
