import { type Micros, toMicros } from '@andvari/money';
import { format, microsOf } from '@andvari/money/decimal';
import { Refused } from './gateway.ts';
import type { Trader } from './people.ts';

/**
 * What somebody has who has traded for a while: a watchlist, positions and orders in most of the states there are, so that the
 * first screen has something on it. Each order has a name of its own, so that done again nothing is bought twice.
 */
export async function furnish({ session, accountId }: Trader): Promise<void> {
  const { watchlists } = await session.ask<{ watchlists: { nodes: { id: string }[] } }>(LISTS);
  if (watchlists.nodes.length === 0) await session.ask(MAKE_LIST, { input: { name: 'Mine', symbols: WATCHED } });
  for (const [symbol, quantity] of POSITIONS)
    await place(`position-${symbol}`, { symbol, side: 'BUY', type: 'MARKET', quantity });
  for (const [name, { symbol, percent, field, ...order }] of RESTING) {
    const last = await lastOf(symbol);
    if (last === undefined) continue;
    await place(name, { symbol, ...order, timeInForce: 'GTC', [field]: percentOf(last, percent) });
  }
  await cancelOne();

  async function place(name: string, order: Record<string, unknown>): Promise<void> {
    // A refusal is no reason to have no demo: what is known already, or cannot be had, is left out.
    try {
      await session.ask(PLACE, { input: { accountId, clientOrderId: `demo-${name}`, order } });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }

  async function lastOf(symbol: string): Promise<Micros | undefined> {
    const { quote } = await session.ask<{ quote: { last: string } | null }>(QUOTE, { symbol });
    return quote === null ? undefined : microsOf(quote.last);
  }

  async function cancelOne(): Promise<void> {
    const { orderByClientId: order } = await session.ask<{
      orderByClientId: { orderId: string; isOpen: boolean } | null;
    }>(FIND, { accountId, clientOrderId: 'demo-given-up' });
    if (order?.isOpen === true) await session.ask(CANCEL, { orderId: order.orderId });
  }
}

const WATCHED = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'GOOGL', 'META', 'TSLA', 'JPM', 'V', 'KO', 'PEP', 'XOM', 'SPY', 'QQQ'];
const POSITIONS = [
  ['AAPL', '80'],
  ['MSFT', '30'],
  ['NVDA', '60'],
  ['JPM', '40'],
  ['KO', '150'],
  ['SPY', '12'],
] as const;

interface Resting {
  symbol: string;
  side: 'BUY' | 'SELL';
  type: 'LIMIT' | 'STOP';
  quantity: string;
  field: 'limitPrice' | 'stopPrice';
  /** Of the last price. */
  percent: bigint;
}
const RESTING: [name: string, order: Resting][] = [
  ['given-up', { symbol: 'TSLA', side: 'BUY', type: 'LIMIT', quantity: '10', field: 'limitPrice', percent: 90n }],
  ['stop', { symbol: 'NVDA', side: 'SELL', type: 'STOP', quantity: '20', field: 'stopPrice', percent: 93n }],
  ['cheaper', { symbol: 'AMZN', side: 'BUY', type: 'LIMIT', quantity: '15', field: 'limitPrice', percent: 97n }],
  ['dearer', { symbol: 'AAPL', side: 'SELL', type: 'LIMIT', quantity: '20', field: 'limitPrice', percent: 104n }],
  ['near', { symbol: 'AAPL', side: 'BUY', type: 'LIMIT', quantity: '25', field: 'limitPrice', percent: 99n }],
];
const CENT = 10_000n;

/** On the tick of whatever costs more than a dollar. */
const percentOf = (price: Micros, percent: bigint): string =>
  format(toMicros(((price * percent) / 100n / CENT) * CENT));

const LISTS = '{ watchlists(first: 1) { nodes { id } } }';
const MAKE_LIST = 'mutation Make($input: CreateWatchlistInput!) { createWatchlist(input: $input) { __typename } }';
const QUOTE = 'query Quote($symbol: String!) { quote(symbol: $symbol) { last } }';
const PLACE = 'mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }';
const FIND = `query Find($accountId: ID!, $clientOrderId: String!) {
  orderByClientId(accountId: $accountId, clientOrderId: $clientOrderId) { orderId isOpen }
}`;
const CANCEL = 'mutation Cancel($orderId: ID!) { cancelOrder(orderId: $orderId) { __typename } }';
