import { invalid } from '@andvari/kit/base/errors';
import { endable } from '../../live/endable.ts';
import { type MarketChange, type MarketInterest, readMarket } from '../../live/market-reader.ts';
import { builder } from '../builder.ts';
import type { GatewayContext } from '../context.ts';
import { Book, Trade } from './book.ts';
import { loadQuotes, Quote } from './quote.ts';
import { MAX_SYMBOLS, symbolsFrom } from './symbols.ts';

type Of<K extends MarketChange['kind']> = Extract<MarketChange, { kind: K }>;

const QuotesMoved = builder.objectRef<Of<'quotes'>>('QuotesMoved').implement({
  description: 'All quotes that changed since the reader was told last.',
  fields: (t) => ({
    quotes: t.field({ type: [Quote], description: 'As they are now.', resolve: ({ quotes }) => [...quotes] }),
  }),
});
const BookMoved = builder.objectRef<Of<'book'>>('BookMoved').implement({
  description: 'A book, whole.',
  fields: (t) => ({
    book: t.field({
      type: Book,
      description: 'As it is now, ten prices a side at the most.',
      resolve: ({ book }) => book,
    }),
  }),
});
const TradesPrinted = builder.objectRef<Of<'trades'>>('TradesPrinted').implement({
  description: 'What was traded since the reader was told last.',
  fields: (t) => ({
    trades: t.field({
      type: [Trade],
      description: 'The oldest first, 40 at the most.',
      resolve: ({ trades }) => [...trades],
    }),
    missed: t.exposeInt('missed', { description: 'How many older ones were dropped, because the reader was slow.' }),
  }),
});

const byKind = { quotes: QuotesMoved, book: BookMoved, trades: TradesPrinted };
const MarketUpdate = builder.unionType('MarketUpdate', {
  description: 'Something of the market changed.',
  types: [QuotesMoved, BookMoved, TradesPrinted],
  resolveType: ({ kind }: MarketChange) => byKind[kind],
});

/** A screen has so many. */
const MAX_BOOKS = 5;
const MAX_LEVELS = 10;
const LEVELS = `Prices a side, ${MAX_LEVELS} at the most.`;

builder.subscriptionFields((t) => ({
  market: t.field({
    type: MarketUpdate,
    description:
      'The market of what is on a screen, as one stream: quotes at most five times a second as one list, books and trades at most ten times.',
    authScopes: { may: 'instrument:read' },
    args: {
      quotes: t.arg.stringList({ description: `Quotes of these symbols, ${MAX_SYMBOLS} at the most.` }),
      book: t.arg.stringList({ description: `Books of these symbols, ${MAX_BOOKS} at the most.` }),
      trades: t.arg.stringList({ description: `Trades of these symbols, ${MAX_BOOKS} at the most.` }),
      levels: t.arg.int({ required: true, defaultValue: MAX_LEVELS, description: LEVELS }),
    },
    subscribe: (_, { quotes, book, trades, levels }, context) =>
      follow(context, {
        quotes: some('quotes', quotes, MAX_SYMBOLS),
        books: some('book', book, MAX_BOOKS),
        trades: some('trades', trades, MAX_BOOKS),
        levels: levelsFrom(levels),
      }),
    resolve: (change) => change,
  }),
  quotes: t.field({
    type: QuotesMoved,
    description: 'Quotes as they change, at most five times a second as one list.',
    authScopes: { may: 'instrument:read' },
    args: {
      symbols: t.arg.stringList({ required: true, description: `Of these symbols, ${MAX_SYMBOLS} at the most.` }),
    },
    subscribe: (_, { symbols }, context) =>
      follow(context, { quotes: some('symbols', symbols, MAX_SYMBOLS) }) as AsyncIterable<Of<'quotes'>>,
    resolve: (change) => change,
  }),
  book: t.field({
    type: BookMoved,
    description: 'The order book of an instrument as it changes, at most ten times a second.',
    authScopes: { may: 'instrument:read' },
    args: {
      symbol: t.arg.string({ required: true, description: 'Of which.' }),
      levels: t.arg.int({ required: true, defaultValue: MAX_LEVELS, description: LEVELS }),
    },
    subscribe: (_, { symbol, levels }, context) =>
      follow(context, {
        books: some('symbol', [symbol], 1),
        levels: levelsFrom(levels),
      }) as AsyncIterable<Of<'book'>>,
    resolve: (change) => change,
  }),
  tape: t.field({
    type: TradesPrinted,
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

function levelsFrom(levels: number): number {
  if (levels < 1 || levels > MAX_LEVELS) throw invalid('levels', `should be from 1 to ${MAX_LEVELS}`);
  return levels;
}

/** Begins with what is known now; what the gateway does not know yet it asks for once, and a reader need not wait for it. */
function follow(context: GatewayContext, interest: MarketInterest): AsyncIterable<MarketChange> {
  const { feeds, clients } = context;
  void loadQuotes(interest.quotes ?? [], context).catch(() => undefined);
  for (const symbol of interest.books ?? []) {
    if (feeds.books.latest(symbol) !== undefined) continue;
    void clients.engine.getBook({ symbol, depth: MAX_LEVELS }).then(
      ({ book }) => book !== undefined && feeds.books.learn(book),
      () => undefined,
    );
  }
  return endable(context.signal(), (signal) => readMarket(feeds, interest, signal));
}
