import { connectionIsBack } from '../api/connection.ts';
import type { MarketSubscription } from '../api/generated/graphql.ts';
import { Market } from './documents.ts';
import { openStream, type Payload, type Stream, type StreamState } from './event-stream.ts';
import type { MarketLink } from './market-link.ts';
import { topics } from './topics.ts';

type Update = MarketSubscription['market'];
export type Quote = Extract<Update, { __typename: 'QuotesMoved' }>['quotes'][number];
export type Book = Extract<Update, { __typename: 'BookMoved' }>['book'];
export type Trade = Extract<Update, { __typename: 'TradesPrinted' }>['trades'][number];

export const quoteTopic = (symbol: string) => topics.topic<Quote>(`quote:${symbol}`);
export const bookTopic = (symbol: string) => topics.topic<Book>(`book:${symbol}`);
export const tapeTopic = (symbol: string) => topics.topic<readonly Trade[]>(`tape:${symbol}`);

export type Feed = 'quotes' | 'book' | 'trades';

/**
 * One stream for all that is on the screen. Whoever shows something says so while it is shown; when that changes, a new stream is
 * opened and the old one closed once the new one speaks, so nothing stands still in between.
 */
const wanted: Record<Feed, Map<string, number>> = { quotes: new Map(), book: new Map(), trades: new Map() };
const MOST: Record<Feed, number> = { quotes: 100, book: 5, trades: 5 };
const TAPE_LENGTH = 40;
const HIDDEN_MS = 30_000;

let current: Stream | undefined;
let openWith = '';
let planned: ReturnType<typeof setTimeout> | undefined;
let link: MarketLink = { state: 'connecting', downSinceMs: undefined, tickToPageMs: undefined };

export function watch(feed: Feed, symbols: readonly string[]): () => void {
  for (const symbol of symbols) wanted[feed].set(symbol, (wanted[feed].get(symbol) ?? 0) + 1);
  plan();
  return () => {
    for (const symbol of symbols) {
      const left = (wanted[feed].get(symbol) ?? 1) - 1;
      if (left === 0) wanted[feed].delete(symbol);
      else wanted[feed].set(symbol, left);
    }
    plan();
  };
}

/** Called when prices come again after nobody has heard any: what they were meanwhile has to be asked for. */
export function onMarketGap(listener: () => void): () => void {
  gapListeners.add(listener);
  return () => gapListeners.delete(listener);
}

const gapListeners = new Set<() => void>();
let isDeaf = false;

function gapEnds(): void {
  isDeaf = false;
  for (const listener of gapListeners) listener();
}

/** What a query brought is shown until something newer ticks. */
export function seedQuotes(quotes: readonly (Quote | null | undefined)[]): void {
  for (const quote of quotes) {
    if (quote == null) continue;
    const known = quoteTopic(quote.symbol).value;
    if (known === undefined || known.asOf < quote.asOf) topics.publish(`quote:${quote.symbol}`, quote, 'calm');
  }
}

let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiddenTimer);
    if (document.visibilityState === 'visible') plan();
    else hiddenTimer = setTimeout(close, HIDDEN_MS);
  });
}

function plan(): void {
  clearTimeout(planned);
  planned = setTimeout(reopen, 30);
}

function reopen(): void {
  const variables = {
    quotes: chosen('quotes'),
    book: chosen('book'),
    trades: chosen('trades'),
    levels: 10,
  };
  const body = JSON.stringify({ query: String(Market), variables });
  if (variables.quotes.length + variables.book.length + variables.trades.length === 0) return close();
  if (body === openWith && current !== undefined) return;
  openWith = body;
  const before = current;
  let isFirst = true;
  current = openStream({
    body: () => body,
    onPayload: (payload) => {
      if (isFirst) before?.close();
      isFirst = false;
      if (isDeaf) gapEnds();
      take(payload);
    },
    onReturn: () => {
      connectionIsBack();
      gapEnds();
    },
    onState: (state) => {
      if (openWith === body) become(state);
    },
  });
  // One that never speaks must not keep the old one for ever.
  setTimeout(() => before?.close(), 5000);
}

function close(): void {
  isDeaf ||= current !== undefined;
  current?.close();
  current = undefined;
  openWith = '';
}

function chosen(feed: Feed): string[] {
  return [...wanted[feed].keys()].slice(-MOST[feed]).toSorted();
}

function become(state: StreamState): void {
  const downSinceMs = state === 'live' ? undefined : (link.downSinceMs ?? Date.now());
  link = { ...link, state, downSinceMs };
  topics.publish('market-link', link, 'frame');
}

function take({ data }: Payload): void {
  const update = data?.['market'] as Update | undefined;
  switch (update?.__typename) {
    case 'QuotesMoved':
      for (const quote of update.quotes) topics.publish(`quote:${quote.symbol}`, quote, 'calm');
      measure(update.quotes);
      return;
    case 'BookMoved':
      topics.publish(`book:${update.book.symbol}`, update.book, 'frame');
      return;
    case 'TradesPrinted':
      for (const symbol of new Set(update.trades.map((trade) => trade.symbol))) {
        const fresh = update.trades.filter((trade) => trade.symbol === symbol).toReversed();
        const before = tapeTopic(symbol).value ?? [];
        topics.publish(`tape:${symbol}`, [...fresh, ...before].slice(0, TAPE_LENGTH), 'frame');
      }
      return;
    case undefined:
  }
}

/** From the newest quote's time to now: the reader's own clock may be wrong, so what cannot be is not shown. */
function measure(quotes: readonly Quote[]): void {
  const newest = quotes.reduce((latest, { asOf }) => (asOf > latest ? asOf : latest), '');
  const passedMs = Date.now() - Date.parse(newest);
  if (!(passedMs >= 0 && passedMs < 60_000)) return;
  link = { ...link, tickToPageMs: passedMs };
  topics.publish('market-link', link, 'calm');
}
