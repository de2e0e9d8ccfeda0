import { amount, type Price, type Quantity } from '@andvari/money';
import {
  type Activity as ActivityMessage,
  ActivityType as ActivityTypes,
  type Holding as HoldingMessage,
  type Lot as LotMessage,
} from '@andvari/proto/portfolio/v1/portfolio';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import { protoEnum } from '../proto-enum.ts';
import { timeOrNull } from '../scalars.ts';
import { amountOrNull, textOrNull } from '../text.ts';
import { Account } from './account.ts';

export const ActivityType = protoEnum('ActivityType', ActivityTypes, 'What moved an account’s money or shares.');

export const Holding = builder.objectRef<HoldingMessage>('Holding').implement({
  description: 'Shares of one instrument in an account.',
  fields: (t) => ({
    id: t.globalID({
      description: 'The same for as long as the account lives.',
      resolve: (it) => ({ type: 'Holding', id: `${it.accountId}.${it.symbol}` }),
    }),
    symbol: t.exposeString('symbol', { description: 'Which shares.' }),
    quantity: t.field({ type: 'Decimal', description: 'How many.', resolve: ({ qty }) => qty }),
    quantityReserved: t.field({
      type: 'Decimal',
      description: 'How many of them open orders hold.',
      resolve: ({ qtyReserved }) => qtyReserved,
    }),
    quantityAvailable: t.field({
      type: 'Decimal',
      description: 'How many may be sold.',
      resolve: (it) => it.qty - it.qtyReserved,
    }),
    averageCost: t.field({
      type: 'Decimal',
      description: 'What one of them cost on average.',
      resolve: ({ avgCostPx }) => avgCostPx,
    }),
    costBasis: t.field({
      type: 'Decimal',
      description: 'What all of them cost.',
      resolve: ({ costBasis }) => costBasis,
    }),
    realizedPnl: t.field({
      type: 'Decimal',
      description: 'What sales have gained so far.',
      resolve: ({ realizedPnl }) => realizedPnl,
    }),
    currency: t.exposeString('currency', { description: 'Of all these amounts.' }),
    price: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The last price; null where none is fresh enough.',
      resolve: ({ symbol }, _args, { feeds }) => feeds.quotes.fresh(symbol)?.last ?? null,
    }),
    marketValue: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Quantity at the last price.',
      resolve: (it, _args, { feeds }) => valueOf(it, feeds.quotes.fresh(it.symbol)?.last) ?? null,
    }),
    unrealizedPnl: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Market value less what it cost.',
      resolve: (it, _args, { feeds }) => {
        const value = valueOf(it, feeds.quotes.fresh(it.symbol)?.last);
        return value === undefined ? null : value - it.costBasis;
      },
    }),
    dayPnl: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What the shares held now have gained since the close before.',
      resolve: (it, _args, { feeds }) => {
        const quote = feeds.quotes.fresh(it.symbol);
        const [now, before] = [valueOf(it, quote?.last), valueOf(it, quote?.previousClose)];
        return now === undefined || before === undefined ? null : now - before;
      },
    }),
  }),
});

const Lot = builder.objectRef<LotMessage>('Lot').implement({
  description: 'Shares that came together. They leave first in, first out.',
  fields: (t) => ({
    id: t.globalID({ description: 'For as long as the account lives.', resolve: ({ id }) => ({ type: 'Lot', id }) }),
    symbol: t.exposeString('symbol', { description: 'Which shares.' }),
    quantityOpened: t.field({ type: 'Decimal', description: 'How many came.', resolve: ({ qtyOpened }) => qtyOpened }),
    quantityRemaining: t.field({
      type: 'Decimal',
      description: 'How many are left.',
      resolve: ({ qtyRemaining }) => qtyRemaining,
    }),
    costOpened: t.field({
      type: 'Decimal',
      description: 'What they cost, fees included.',
      resolve: ({ costOpened }) => costOpened,
    }),
    costRemaining: t.field({
      type: 'Decimal',
      description: 'What those that are left cost.',
      resolve: ({ costRemaining }) => costRemaining,
    }),
    realizedPnl: t.field({
      type: 'Decimal',
      description: 'What those that left have gained.',
      resolve: ({ realizedPnl }) => realizedPnl,
    }),
    openedAt: t.field({ type: 'DateTime', description: 'When they came.', resolve: ({ openedAtUs }) => openedAtUs }),
    closedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the last of them left.',
      resolve: ({ closedAtUs }) => timeOrNull(closedAtUs),
    }),
  }),
});

const Activity = builder.objectRef<ActivityMessage>('Activity').implement({
  description: 'One thing that moved money or shares.',
  fields: (t) => ({
    id: t.globalID({ description: 'For good.', resolve: ({ id }) => ({ type: 'Activity', id }) }),
    type: t.field({
      type: ActivityType.type,
      description: 'What it was.',
      resolve: ({ type }) => ActivityType.from(type),
    }),
    symbol: t.string({
      nullable: true,
      description: 'Of which shares, where it moved some.',
      resolve: ({ symbol }) => textOrNull(symbol),
    }),
    quantity: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'How many shares.',
      resolve: ({ qty }) => amountOrNull(qty),
    }),
    price: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'At which price.',
      resolve: ({ px }) => amountOrNull(px),
    }),
    amount: t.field({ type: 'Decimal', description: 'The change of cash, with its sign.', resolve: (it) => it.amount }),
    currency: t.exposeString('currency', { description: 'Of the amount.' }),
    realizedPnl: t.field({
      type: 'Decimal',
      description: 'What a sale gained.',
      resolve: ({ realizedPnl }) => realizedPnl,
    }),
    reference: t.string({
      nullable: true,
      description: 'What it came from: an order, a deposit, a transfer.',
      resolve: ({ reference }) => textOrNull(reference),
    }),
    journalId: t.exposeString('journalId', { description: 'Its journal in the ledger.' }),
    occurredAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ occurredAtUs }) => occurredAtUs }),
  }),
});

builder.objectFields(Account, (t) => ({
  holdings: t.connection(
    {
      type: Holding,
      nullable: true,
      description: 'Shares in it, by symbol.',
      complexity: connectionCost,
      authScopes: { may: 'portfolio:read' },
      resolve: ({ id }, args, { clients }) =>
        connectionOf(args, async (page) => {
          const { holdings, pageInfo } = await clients.portfolio.listHoldings({ accountId: id, page });
          return { rows: holdings, pageInfo };
        }),
    },
    { name: 'HoldingConnection', description: 'A page of holdings.' },
    { name: 'HoldingEdge', description: 'A holding and its place in the list.' },
  ),
  lots: t.connection(
    {
      type: Lot,
      nullable: true,
      description: 'Lots in the order in which they leave.',
      complexity: connectionCost,
      authScopes: { may: 'portfolio:read' },
      args: {
        symbol: t.arg.string({ description: 'Of this symbol only.' }),
        includeClosed: t.arg.boolean({
          required: true,
          defaultValue: false,
          description: 'Those that are used up as well.',
        }),
      },
      resolve: ({ id }, { symbol, includeClosed, ...args }, { clients }) =>
        connectionOf(args, async (page) => {
          const request = { accountId: id, symbol: symbol ?? '', includeClosed, page };
          const { lots, pageInfo } = await clients.portfolio.listLots(request);
          return { rows: lots, pageInfo };
        }),
    },
    { name: 'LotConnection', description: 'A page of lots.' },
    { name: 'LotEdge', description: 'A lot and its place in the list.' },
  ),
  activities: t.connection(
    {
      type: Activity,
      nullable: true,
      description: 'What moved its money and shares, the newest first.',
      complexity: connectionCost,
      authScopes: { may: 'portfolio:read' },
      args: {
        types: t.arg({ type: [ActivityType.type], description: 'Of these kinds only.' }),
        symbol: t.arg.string({ description: 'Of this symbol only.' }),
        from: t.arg({ type: 'DateTime', description: 'Not before.' }),
        to: t.arg({ type: 'DateTime', description: 'Before.' }),
      },
      resolve: ({ id }, { types, symbol, from, to, ...args }, { clients }) =>
        connectionOf(args, async (page) => {
          const { activities, pageInfo } = await clients.portfolio.listActivities({
            accountId: id,
            types: (types ?? []) as ActivityTypes[],
            symbol: symbol ?? '',
            fromUs: from ?? 0n,
            toUs: to ?? 0n,
            page,
          });
          return { rows: activities, pageInfo };
        }),
    },
    { name: 'ActivityConnection', description: 'A page of activities.' },
    { name: 'ActivityEdge', description: 'An activity and its place in the list.' },
  ),
}));

function valueOf({ qty }: HoldingMessage, price: bigint | undefined): bigint | undefined {
  return price === undefined || price === 0n ? undefined : amount(price as Price, qty as Quantity);
}
