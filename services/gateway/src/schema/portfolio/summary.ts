import {
  type GetBuyingPowerResponse,
  type GetHistoryResponse,
  type GetSummaryResponse,
  HistoryPeriod as HistoryPeriods,
  type HistoryPoint as HistoryPointMessage,
} from '@andvari/proto/portfolio/v1/portfolio';
import { builder } from '../builder.ts';
import type { GatewayContext } from '../context.ts';
import { isFresh, loadQuotes } from '../market/quote.ts';
import { protoEnum } from '../proto-enum.ts';
import { Account } from './account.ts';

export const HistoryPeriod = protoEnum('HistoryPeriod', HistoryPeriods, 'How far back.', {
  DAY: 'One day.',
  WEEK: 'One week.',
  MONTH: 'One month.',
  QUARTER: 'Three months.',
  YEAR: 'One year.',
  ALL: 'Since the account was opened.',
});

/** Symbols of one account that are valued at the last price. */
export const MAX_HELD = 200;

const BuyingPower = builder.objectRef<GetBuyingPowerResponse>('BuyingPower').implement({
  description: 'What may be spent now, with everything that it comes from: (posted - reserved) times the multiplier.',
  fields: (t) => ({
    currency: t.exposeString('currency', { description: 'Of all these amounts.' }),
    amount: t.field({ type: 'Decimal', description: 'What may be spent.', resolve: ({ buyingPower }) => buyingPower }),
    cash: t.field({
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
      description:
        'What the shares have gained since the close before, those that were sold since included: what Holding.dayPnl says of one symbol, over all. Money that was paid in or out is no gain.',
      resolve: ({ dayPnl }) => dayPnl,
    }),
    netPaidIn: t.field({
      type: 'Decimal',
      description: 'What was ever brought in less what was taken out.',
      resolve: ({ netPaidIn }) => netPaidIn,
    }),
    staleSymbols: t.exposeStringList('staleSymbols', {
      description: 'Valued at a last price that is older than it is good for.',
    }),
    unquotedSymbols: t.exposeStringList('unquotedSymbols', {
      description: 'Valued at cost, because nobody knows a price.',
    }),
  }),
});

const HistoryPoint = builder.objectRef<HistoryPointMessage>('HistoryPoint').implement({
  description: 'An account at one moment.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ atUs }) => atUs }),
    equity: t.field({ type: 'Decimal', description: 'Money and shares.', resolve: ({ equity }) => equity }),
    profitLoss: t.field({
      type: 'Decimal',
      description: 'Since the base, without what was brought in and taken out.',
      resolve: ({ profitLoss }) => profitLoss,
    }),
    profitLossRatio: t.field({
      type: 'Decimal',
      description: 'The time-weighted return up to there: 0.05 is 5 %.',
      resolve: ({ profitLossRatio }) => profitLossRatio,
    }),
    cashFlow: t.field({
      type: 'Decimal',
      description: 'Brought in less taken out since the point before.',
      resolve: ({ cashFlow }) => cashFlow,
    }),
  }),
});

const PortfolioHistory = builder.objectRef<GetHistoryResponse>('PortfolioHistory').implement({
  description: 'An account over time.',
  fields: (t) => ({
    points: t.field({
      type: [HistoryPoint],
      description: 'The oldest first; the last is now.',
      resolve: ({ points }) => points,
    }),
    baseValue: t.field({
      type: 'Decimal',
      description: 'What the period began with.',
      resolve: ({ baseValue }) => baseValue,
    }),
    baseNetPaidIn: t.field({
      type: 'Decimal',
      description:
        'What had been brought in less taken out by then. `equity` less `netPaidIn` of a summary, less `baseValue` less this, is what was gained since.',
      resolve: ({ baseNetPaidIn }) => baseNetPaidIn,
    }),
    timeWeightedReturn: t.field({
      type: 'Decimal',
      description: 'Of the whole period: 0.05 is 5 %.',
      resolve: ({ timeWeightedReturn }) => timeWeightedReturn,
    }),
    stepSeconds: t.int({
      description: 'Between two points.',
      resolve: ({ stepUs }) => Number(stepUs / 1_000_000n),
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
    resolve: ({ id }, _args, context) => summaryOf(context, id),
  }),
  history: t.field({
    type: PortfolioHistory,
    nullable: true,
    description: 'It over time.',
    complexity: 20,
    authScopes: { may: 'portfolio:read' },
    args: { period: t.arg({ type: HistoryPeriod.type, required: true, description: 'How far back.' }) },
    resolve: ({ id }, { period }, { clients }) =>
      clients.portfolio.getHistory({ accountId: id, period: period as HistoryPeriods }),
  }),
}));

/** Valued at the quotes in this gateway's memory, as far as they are good; for the others the ledger takes the market's own. */
export async function summaryOf(context: GatewayContext, accountId: string): Promise<GetSummaryResponse> {
  const { portfolio } = context.clients;
  const { holdings } = await portfolio.listHoldings({ accountId, page: { first: MAX_HELD, after: '' } });
  const symbols = holdings.map(({ symbol }) => symbol);
  // Without prices there is still a summary, which says so.
  const quotes = await loadQuotes(symbols, context).catch(() => []);
  const good = quotes.flatMap((quote) => (quote !== null && isFresh(quote) ? [quote] : []));
  return portfolio.getSummary({
    accountId,
    quotes: good.map(({ symbol, last, previousClose, previousCloseAtUs, asOfUs }) => ({
      symbol,
      px: last,
      previousClose,
      previousCloseAtUs,
      asOfUs,
    })),
  });
}
