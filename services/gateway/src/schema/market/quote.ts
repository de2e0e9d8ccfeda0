import { invalid } from '@andvari/kit/base/errors';
import { MarketState as MarketStates, type Quote as QuoteMessage } from '@andvari/proto/stock/v1/stock';
import { builder } from '../builder.ts';
import type { GatewayContext } from '../context.ts';
import { protoEnum } from '../proto-enum.ts';
import { timeOrNull } from '../scalars.ts';
import { amountOrNull } from '../text.ts';
import { Instrument } from './instrument.ts';

export const MarketState = protoEnum('MarketState', MarketStates, 'Whether it can be traded now.');

/** The shape of a symbol; what is asked of nobody in vain, and what may stand in a subject. */
const SYMBOL = /^[A-Z0-9][A-Z0-9.-]{0,15}$/;
const MAX_SYMBOLS = 200;

export const Quote = builder.objectRef<QuoteMessage>('Quote').implement({
  description: 'What an instrument costs.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of which.' }),
    last: t.field({ type: 'Decimal', description: 'The last price.', resolve: ({ last }) => last }),
    bid: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What buyers offer.',
      resolve: ({ bid }) => amountOrNull(bid),
    }),
    ask: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What sellers want.',
      resolve: ({ ask }) => amountOrNull(ask),
    }),
    bidSize: t.field({ type: 'Decimal', description: 'How many at the bid.', resolve: ({ bidSize }) => bidSize }),
    askSize: t.field({ type: 'Decimal', description: 'How many at the ask.', resolve: ({ askSize }) => askSize }),
    open: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The first price of the session.',
      resolve: ({ open }) => amountOrNull(open),
    }),
    high: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The highest of the session.',
      resolve: ({ high }) => amountOrNull(high),
    }),
    low: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The lowest of the session.',
      resolve: ({ low }) => amountOrNull(low),
    }),
    previousClose: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The last of the session before.',
      resolve: ({ previousClose }) => amountOrNull(previousClose),
    }),
    change: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Last less previous close.',
      resolve: ({ last, previousClose }) => (previousClose === 0n ? null : last - previousClose),
    }),
    changeRatio: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Change by previous close: 0.01 is 1 %.',
      resolve: ({ last, previousClose }) =>
        previousClose === 0n ? null : ((last - previousClose) * 1_000_000n) / previousClose,
    }),
    volume: t.field({ type: 'Decimal', description: 'Traded in the session.', resolve: ({ volume }) => volume }),
    high52Weeks: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The highest of a year.',
      resolve: ({ high52w }) => amountOrNull(high52w),
    }),
    low52Weeks: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The lowest of a year.',
      resolve: ({ low52w }) => amountOrNull(low52w),
    }),
    marketState: t.field({
      type: MarketState.type,
      description: 'Whether it can be traded now.',
      resolve: ({ marketState }) => MarketState.from(marketState),
    }),
    source: t.exposeString('source', { description: 'Who says so.' }),
    asOf: t.field({ type: 'DateTime', description: 'Of when it is.', resolve: ({ asOfUs }) => asOfUs }),
    validUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Who uses it later knows that it is old.',
      resolve: ({ validUntilUs }) => timeOrNull(validUntilUs),
    }),
  }),
});

builder.objectField(Instrument, 'quote', (t) =>
  t.loadable({
    type: Quote,
    nullable: true,
    description: 'What it costs now; null where nobody says.',
    authScopes: { may: 'instrument:read' },
    load: loadQuotes,
    resolve: ({ symbol }) => symbol,
  }),
);

builder.queryFields((t) => ({
  quote: t.field({
    type: Quote,
    nullable: true,
    description: 'What an instrument costs now; null where nobody says.',
    authScopes: { may: 'instrument:read' },
    args: { symbol: t.arg.string({ required: true, description: 'Of which.' }) },
    resolve: async (_, { symbol }, context) => {
      const kept = context.feeds.quotes.fresh(symbol);
      if (kept !== undefined) return kept;
      const [quote] = await loadQuotes(symbolsFrom('symbol', [symbol]), context);
      return quote ?? null;
    },
  }),
  quotes: t.field({
    type: [Quote],
    nullable: true,
    description:
      'What instruments cost now, in the order asked for; those that nobody knows a price of are left out. 200 at the most.',
    complexity: ({ symbols }) => ({ field: 1, multiplier: Math.min(symbols.length, MAX_SYMBOLS) }),
    authScopes: { may: 'instrument:read' },
    args: { symbols: t.arg.stringList({ required: true, description: 'Of which.' }) },
    resolve: async (_, { symbols }, context) =>
      (await loadQuotes(symbolsFrom('symbols', symbols), context)).filter((quote) => quote !== null),
  }),
}));

export function symbolsFrom(field: string, symbols: readonly string[]): string[] {
  if (symbols.length > MAX_SYMBOLS) throw invalid(field, `names ${MAX_SYMBOLS} symbols at the most`);
  const wrong = symbols.find((symbol) => !SYMBOL.test(symbol));
  if (wrong !== undefined) throw invalid(field, `${JSON.stringify(wrong.slice(0, 20))} is not a symbol`);
  return [...symbols];
}

/** From memory as long as they are good; the others in one call. */
export async function loadQuotes(
  symbols: string[],
  { clients, feeds }: GatewayContext,
): Promise<(QuoteMessage | null)[]> {
  const missing = symbols.filter((symbol) => feeds.quotes.fresh(symbol) === undefined);
  const asked = new Map<string, QuoteMessage>();
  if (missing.length > 0) {
    const { quotes } = await clients.stock.getQuotes({ symbols: [...new Set(missing)], allowUnknown: true });
    for (const quote of quotes) {
      asked.set(quote.symbol, quote);
      feeds.quotes.learn(quote);
    }
  }
  return symbols.map((symbol) => feeds.quotes.fresh(symbol) ?? asked.get(symbol) ?? null);
}
