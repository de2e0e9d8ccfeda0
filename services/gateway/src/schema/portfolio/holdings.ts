import { amount, type Quantity } from '@andvari/money';
import {
  type Activity as ActivityMessage,
  ActivityType as ActivityTypes,
  type Holding as HoldingMessage,
  type Lot as LotMessage,
} from '@andvari/proto/portfolio/v1/portfolio';
import { asHeld, dayGain } from '../../live/portfolio-reader.ts';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { findInPages, loadEach, partsOf } from '../find-node.ts';
import { Instrument } from '../market/instrument.ts';
import { Quote, quoteOf, ratioOf } from '../market/quote.ts';
import { inCapitals } from '../market/symbols.ts';
import { asNamedIn } from '../operation-inputs.ts';
import { protoEnum } from '../proto-enum.ts';
import { timeOrNull } from '../scalars.ts';
import { amountOrNull, textOrNull } from '../text.ts';
import { Account } from './account.ts';

export const ActivityType = protoEnum('ActivityType', ActivityTypes, 'What moved an account’s money or shares.', {
  BUY: 'Shares were bought.',
  SELL: 'Shares were sold.',
  DEPOSIT: 'Money came from a bank.',
  WITHDRAWAL: 'Money went to a bank.',
  TRANSFER_IN: 'Money came from another account of the same owner.',
  TRANSFER_OUT: 'Money went to another account of the same owner.',
  FEE: 'What an order cost besides its price.',
  ADJUSTMENT: 'An operator corrected something.',
  DIVIDEND: 'A company paid its holders.',
  SPLIT: 'Shares became more or fewer, each worth less or more.',
});

/** A node by way of the account that its global id names. */
export const Holding = builder.loadableNodeRef<HoldingMessage>('Holding', {
  id: { resolve: (it) => `${it.accountId}.${it.symbol}` },
  load: (ids: string[], { clients }: GatewayContext) =>
    loadEach(ids, (id) => {
      const [accountId = '', symbol] = partsOf(id, 2);
      return findInPages(
        async (page) => {
          const { holdings, pageInfo } = await clients.portfolio.listHoldings({ accountId, page });
          return { rows: holdings, pageInfo };
        },
        (holding) => holding.symbol === symbol,
      );
    }),
});

Holding.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'qtyReserved' in value,
  description: 'Shares of one instrument in an account.',
  fields: (t) => ({
    accountId: t.exposeID('accountId', { description: 'In which account.' }),
    symbol: t.exposeString('symbol', { description: 'Which shares.' }),
    instrument: t.field({
      type: Instrument,
      nullable: true,
      description: 'The same with all that is known of it.',
      resolve: ({ symbol }) => symbol,
    }),
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
    quote: t.field({
      type: Quote,
      nullable: true,
      description: 'What one costs now; null where nobody says.',
      resolve: ({ symbol }, _args, context) => quoteOf(symbol, context),
    }),
    marketValue: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Quantity at the last price; null without one.',
      resolve: async (it, _args, context) => (await valued(it, context)).marketValue,
    }),
    unrealizedPnl: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Market value less what it cost.',
      resolve: async (it, _args, context) => {
        const { marketValue } = await valued(it, context);
        return marketValue === null ? null : marketValue - it.costBasis;
      },
    }),
    unrealizedRatio: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The same by what it cost: 0.05 is 5 %.',
      resolve: async (it, _args, context) => {
        const { marketValue } = await valued(it, context);
        return marketValue === null ? null : ratioOf(marketValue - it.costBasis, it.costBasis);
      },
    }),
    dayPnl: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'What it has gained since the close before: what was held then counts from its price then, what was bought since from what was paid, what was sold since until what it brought; fees and dividends are in it. Null where nobody knows the price then.',
      resolve: async (it, _args, context) => {
        const { marketValue, quote } = await valued(it, context);
        return marketValue === null || quote === null ? null : dayGain(marketValue, it, quote);
      },
    }),
  }),
});

type LotOf = LotMessage & { readonly accountId: string };

/** A node by way of the account and the symbol that its global id names. */
const Lot = builder.loadableNodeRef<LotOf>('Lot', {
  id: { resolve: ({ accountId, id, symbol }) => `${accountId}.${id}.${symbol}` },
  load: (ids: string[], { clients }: GatewayContext) =>
    loadEach(ids, (id) => {
      const [accountId = '', wanted, symbol = ''] = partsOf(id, 3);
      return findInPages(
        async (page) => {
          const request = { accountId, symbol, includeClosed: true, page };
          const { lots, pageInfo } = await clients.portfolio.listLots(request);
          return { rows: lots.map((lot) => ({ ...lot, accountId })), pageInfo };
        },
        (lot) => lot.id === wanted,
      );
    }),
});

Lot.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'qtyOpened' in value,
  description: 'Shares that came together. They leave first in, first out.',
  fields: (t) => ({
    accountId: t.exposeID('accountId', { description: 'In which account.' }),
    symbol: t.exposeString('symbol', { description: 'Which shares.' }),
    quantityOpened: t.field({ type: 'Decimal', description: 'How many came.', resolve: ({ qtyOpened }) => qtyOpened }),
    quantityRemaining: t.field({
      type: 'Decimal',
      description: 'How many are left.',
      resolve: ({ qtyRemaining }) => qtyRemaining,
    }),
    costOpened: t.field({
      type: 'Decimal',
      description: 'What they cost, without fees.',
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
    id: t.exposeID('id', { description: 'Its own for good, and no global id: what has happened does not change.' }),
    accountId: t.exposeID('accountId', { description: 'Of which account.' }),
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
      description:
        'How many shares: of a purchase or a sale those that were traded, without a sign; of an adjustment or a split by how many the holding changed, with its sign; of a dividend those that were held.',
      resolve: ({ qty }) => amountOrNull(qty),
    }),
    price: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'Of one share: what it was traded for; of an adjustment what it had cost; of a dividend what was paid on it; of a split what it was worth before the split, and the part of a share that is paid out is of the new ones, at that price times old over new.',
      resolve: ({ px }) => amountOrNull(px),
    }),
    amount: t.field({ type: 'Decimal', description: 'The change of cash, with its sign.', resolve: (it) => it.amount }),
    currency: t.exposeString('currency', { description: 'Of the amount.' }),
    realizedPnl: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What a sale gained, or the part of a share that a split paid out.',
      resolve: (it) => (isSale(it) ? it.realizedPnl : null),
    }),
    reference: t.string({
      nullable: true,
      description: 'What it came from: an order, a deposit, a transfer.',
      resolve: ({ reference }) => textOrNull(reference),
    }),
    orderId: t.id({
      nullable: true,
      description: 'The UUID of the order that traded; null where none did.',
      resolve: ({ orderId }) => textOrNull(orderId),
    }),
    journalId: t.exposeID('journalId', { description: 'Its journal in the ledger.' }),
    occurredAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ occurredAtUs }) => occurredAtUs }),
  }),
});

/** A split sells where it pays out what is less than the smallest quantity. */
export function isSale({ type, amount: cash }: ActivityMessage): boolean {
  return type === ActivityTypes.ACTIVITY_TYPE_SELL || (type === ActivityTypes.ACTIVITY_TYPE_SPLIT && cash !== 0n);
}

const ActivityFilter = builder.inputType('ActivityFilter', {
  description: 'What is left out does not narrow.',
  fields: (t) => ({
    types: t.field({ type: [ActivityType.type], description: 'Of these kinds.' }),
    symbol: t.string({ description: 'Of this symbol.' }),
    from: t.field({ type: 'DateTime', description: 'Not before.' }),
    to: t.field({ type: 'DateTime', description: 'Before.' }),
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
          const request = { accountId: id, symbol: inCapitals(symbol ?? ''), includeClosed, page };
          const { lots, pageInfo } = await clients.portfolio.listLots(request);
          return { rows: lots.map((lot) => ({ ...lot, accountId: id })), pageInfo };
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
      args: { filter: t.arg({ type: ActivityFilter, description: 'Which.' }) },
      resolve: ({ id }, { filter, ...args }, { clients }) =>
        connectionOf(args, async (page) => {
          const asked = clients.portfolio.listActivities({
            accountId: id,
            types: (filter?.types ?? []) as ActivityTypes[],
            symbol: inCapitals(filter?.symbol ?? ''),
            fromUs: filter?.from ?? 0n,
            toUs: filter?.to ?? 0n,
            oldestFirst: false,
            withBalance: false,
            page,
          });
          const { activities, pageInfo } = await asNamedIn('activities', asked);
          return { rows: activities, pageInfo };
        }),
    },
    { name: 'ActivityConnection', description: 'A page of activities.' },
    { name: 'ActivityEdge', description: 'An activity and its place in the list.' },
  ),
}));

/** One source for each number: the value of a holding is the ledger's quantity at the price in this gateway's memory. */
async function valued({ symbol, qty, split }: HoldingMessage, context: GatewayContext) {
  const quote = await quoteOf(symbol, context);
  const value = (price: bigint) =>
    quote === null || price === 0n ? null : amount(asHeld(price, quote, split), qty as Quantity);
  return { marketValue: value(quote?.last ?? 0n), quote };
}
