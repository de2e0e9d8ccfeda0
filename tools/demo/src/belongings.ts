import { type Micros, toMicros } from '@andvari/money';
import { format, microsOf } from '@andvari/money/decimal';
import { Refused, type Session } from './gateway.ts';
import type { Trader } from './people.ts';

/**
 * What somebody has who has traded for a while: a watchlist, positions and orders in most of the states there are, so that the
 * first screen has something on it. Each order has a name of its own, so that done again nothing is bought twice.
 */
export async function giveBelongings({ session, accountId }: Trader): Promise<void> {
  const { watchlists } = await session.ask<{ watchlists: { nodes: { id: string }[] } }>(LISTS);
  if (watchlists.nodes.length === 0) await session.ask(MAKE_LIST, { input: { name: 'Mine', symbols: WATCHED } });
  for (const [symbol, quantity] of POSITIONS)
    await place(`position-${symbol}`, { symbol, side: 'BUY', type: 'MARKET', quantity });
  for (const [name, { symbol, percent, field, ...order }] of RESTING) {
    const last = await lastOf(session, symbol);
    if (last === undefined) continue;
    await place(name, { symbol, timeInForce: 'GTC', ...order, [field]: percentOf(last, percent) });
  }
  await placeBracket();
  await cancelOne();
  await replaceOne();

  /** A refusal is no reason to have no demo: what is known already, or cannot be had, is left out. */
  async function attempt(query: string, variables: Record<string, unknown>): Promise<void> {
    try {
      await session.ask(query, variables);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }

  function place(name: string, order: Record<string, unknown>): Promise<void> {
    return attempt(PLACE, { input: { accountId, clientOrderId: `demo-${name}`, order } });
  }

  /** Its exits are held until the entry is whole. */
  async function placeBracket(): Promise<void> {
    const last = await lastOf(session, 'META');
    if (last === undefined) return;
    const leg = { symbol: 'META', quantity: '5', timeInForce: 'GTC' };
    const legs = [
      { ...leg, side: 'BUY', type: 'LIMIT', limitPrice: percentOf(last, 98n) },
      { ...leg, side: 'SELL', type: 'LIMIT', limitPrice: percentOf(last, 108n) },
      { ...leg, side: 'SELL', type: 'STOP', stopPrice: percentOf(last, 92n) },
    ];
    await attempt(GROUP, { input: { accountId, clientOrderId: 'demo-bracket', type: 'BRACKET', legs } });
  }

  async function openOne(name: string): Promise<string | undefined> {
    const { orderByClientId: order } = await session.ask<{
      orderByClientId: { orderId: string; isOpen: boolean } | null;
    }>(FIND, { accountId, clientOrderId: `demo-${name}` });
    return order?.isOpen === true ? order.orderId : undefined;
  }

  async function cancelOne(): Promise<void> {
    const orderId = await openOne('given-up');
    if (orderId !== undefined) await attempt(CANCEL, { orderId });
  }

  async function replaceOne(): Promise<void> {
    const [orderId, last] = [await openOne('moved'), await lastOf(session, 'GOOGL')];
    if (orderId === undefined || last === undefined) return;
    await attempt(REPLACE, { input: { orderId, clientOrderId: 'demo-moved-again', limitPrice: percentOf(last, 97n) } });
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

export async function lastOf(session: Session, symbol: string): Promise<Micros | undefined> {
  const { quote } = await session.ask<{ quote: { last: string } | null }>(QUOTE, { symbol });
  return quote === null ? undefined : microsOf(quote.last);
}

interface Resting {
  symbol: string;
  side: 'BUY' | 'SELL';
  type: 'LIMIT' | 'STOP';
  quantity: string;
  timeInForce?: 'IOC';
  postOnly?: true;
  field: 'limitPrice' | 'stopPrice';
  /** Of the last price. */
  percent: bigint;
}
const RESTING: [name: string, order: Resting][] = [
  ['given-up', { symbol: 'TSLA', side: 'BUY', type: 'LIMIT', quantity: '10', field: 'limitPrice', percent: 90n }],
  ['stop', { symbol: 'NVDA', side: 'SELL', type: 'STOP', quantity: '20', field: 'stopPrice', percent: 93n }],
  ['cheaper', { symbol: 'AMZN', side: 'BUY', type: 'LIMIT', quantity: '15', field: 'limitPrice', percent: 97n }],
  ['dearer', { symbol: 'AAPL', side: 'SELL', type: 'LIMIT', quantity: '20', field: 'limitPrice', percent: 104n }],
  ['moved', { symbol: 'GOOGL', side: 'BUY', type: 'LIMIT', quantity: '8', field: 'limitPrice', percent: 96n }],
  // Nobody sells for that at once, and then it is over.
  [
    'at-once',
    { symbol: 'XOM', side: 'BUY', type: 'LIMIT', quantity: '5', timeInForce: 'IOC', field: 'limitPrice', percent: 97n },
  ],
  // It may only rest, and at this price it would trade.
  [
    'never-taking',
    { symbol: 'MSFT', side: 'BUY', type: 'LIMIT', quantity: '5', postOnly: true, field: 'limitPrice', percent: 101n },
  ],
  ['near', { symbol: 'AAPL', side: 'BUY', type: 'LIMIT', quantity: '25', field: 'limitPrice', percent: 99n }],
];
const CENT = 10_000n;

/** On the tick of whatever costs more than a dollar. */
export const percentOf = (price: Micros, percent: bigint): string =>
  format(toMicros(((price * percent) / 100n / CENT) * CENT));

const LISTS = '{ watchlists(first: 1) { nodes { id } } }';
const MAKE_LIST = 'mutation Make($input: CreateWatchlistInput!) { createWatchlist(input: $input) { __typename } }';
const QUOTE = 'query Quote($symbol: String!) { quote(symbol: $symbol) { last } }';
const PLACE = 'mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }';
const GROUP = 'mutation Group($input: PlaceGroupInput!) { placeGroup(input: $input) { __typename } }';
const REPLACE = 'mutation Replace($input: ReplaceOrderInput!) { replaceOrder(input: $input) { __typename } }';
const FIND = `query Find($accountId: ID!, $clientOrderId: String!) {
  orderByClientId(accountId: $accountId, clientOrderId: $clientOrderId) { orderId isOpen }
}`;
const CANCEL = 'mutation Cancel($orderId: ID!) { cancelOrder(orderId: $orderId) { __typename } }';
