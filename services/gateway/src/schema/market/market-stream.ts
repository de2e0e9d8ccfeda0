import { invalid } from '@andvari/kit/base/errors';
import { type MarketChange, type MarketInterest, readMarket } from '../../live/market-reader.ts';
import { builder } from '../builder.ts';
import type { GatewayContext } from '../context.ts';
import { Book, Trade } from './book.ts';
import { loadQuotes, Quote, symbolsFrom } from './quote.ts';

type Of<K extends MarketChange['kind']> = Extract<MarketChange, { kind: K }>;

const QuotesChanged = builder.objectRef<Of<'quotes'>>('QuotesChanged').implement({
  description: 'All quotes that changed since the reader was told last.',
  fields: (t) => ({
    quotes: t.field({ type: [Quote], description: 'As they are now.', resolve: ({ quotes }) => [...quotes] }),
  }),
});
const BookChanged = builder.objectRef<Of<'book'>>('BookChanged').implement({
  description: 'A book, whole.',
  fields: (t) => ({
    book: t.field({ type: Book, description: 'As it is now, ten prices a side.', resolve: ({ book }) => book }),
  }),
});
const TradesHappened = builder.objectRef<Of<'trades'>>('TradesHappened').implement({
  description: 'What was traded since the reader was told last.',
  fields: (t) => ({
    trades: t.field({
      type: [Trade],
      description: 'The oldest first, 40 at the most.',
      resolve: ({ trades }) => [...trades],
    }),
  }),
});

const byKind = { quotes: QuotesChanged, book: BookChanged, trades: TradesHappened };
const MarketUpdate = builder.unionType('MarketUpdate', {
  description: 'Something of the market changed.',
  types: [QuotesChanged, BookChanged, TradesHappened],
  resolveType: ({ kind }: MarketChange) => byKind[kind],
});

/** A screen has so many. */
const MAX_QUOTES = 200;
const MAX_BOOKS = 4;

builder.subscriptionFields((t) => ({
  market: t.field({
    type: MarketUpdate,
    description:
      'The market of what is on a screen, as one stream: quotes at most five times a second as one list, books and trades at most ten times.',
    authScopes: { may: 'instrument:read' },
    args: {
      quotes: t.arg.stringList({ description: `Quotes of these symbols, ${MAX_QUOTES} at the most.` }),
      books: t.arg.stringList({ description: `Books of these symbols, ${MAX_BOOKS} at the most.` }),
      trades: t.arg.stringList({ description: `Trades of these symbols, ${MAX_BOOKS} at the most.` }),
    },
    subscribe: (_, { quotes, books, trades }, context) =>
      follow(context, {
        quotes: some('quotes', quotes, MAX_QUOTES),
        books: some('books', books, MAX_BOOKS),
        trades: some('trades', trades, MAX_BOOKS),
      }),
    resolve: (change) => change,
  }),
  quotes: t.field({
    type: QuotesChanged,
    description: 'Quotes as they change, at most five times a second as one list.',
    authScopes: { may: 'instrument:read' },
    args: {
      symbols: t.arg.stringList({ required: true, description: `Of these symbols, ${MAX_QUOTES} at the most.` }),
    },
    subscribe: (_, { symbols }, context) =>
      follow(context, { quotes: some('symbols', symbols, MAX_QUOTES) }) as AsyncIterable<Of<'quotes'>>,
    resolve: (change) => change,
  }),
  book: t.field({
    type: BookChanged,
    description: 'The order book of an instrument as it changes, at most ten times a second.',
    authScopes: { may: 'instrument:read' },
    args: { symbol: t.arg.string({ required: true, description: 'Of which.' }) },
    subscribe: (_, { symbol }, context) =>
      follow(context, { books: some('symbol', [symbol], 1) }) as AsyncIterable<Of<'book'>>,
    resolve: (change) => change,
  }),
  tape: t.field({
    type: TradesHappened,
    description: 'Trades of an instrument as they happen, at most ten times a second.',
    authScopes: { may: 'instrument:read' },
    args: { symbol: t.arg.string({ required: true, description: 'Of which.' }) },
    subscribe: (_, { symbol }, context) =>
      follow(context, { trades: some('symbol', [symbol], 1) }) as AsyncIterable<Of<'trades'>>,
    resolve: (change) => change,
  }),
}));

function some(field: string, symbols: readonly string[] | null | undefined, max: number): string[] {
  if ((symbols?.length ?? 0) > max) throw invalid(field, `names ${max} symbols at the most`);
  return symbolsFrom(field, symbols ?? []);
}

/** Begins with what is known now; what the gateway does not know yet it asks for once, and a reader need not wait for it. */
async function* follow(context: GatewayContext, interest: MarketInterest): AsyncGenerator<MarketChange, undefined> {
  const { feeds, clients } = context;
  void loadQuotes([...(interest.quotes ?? [])], context).catch(() => undefined);
  for (const symbol of interest.books ?? []) {
    if (feeds.books.latest(symbol) !== undefined) continue;
    void clients.engine.getBook({ symbol, depth: 10 }).then(
      ({ book }) => book !== undefined && feeds.books.learn(book),
      () => undefined,
    );
  }
  return yield* readMarket(feeds, interest, context.signal());
}
