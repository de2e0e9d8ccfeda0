import { nowUs } from '@andvari/kit/base/clock';
import { divide, MICRO } from '@andvari/money';
import { MarketState as MarketStates, type Quote as QuoteMessage } from '@andvari/proto/stock/v1/stock';
import DataLoader from 'dataloader';
import { builder } from '../builder.ts';
import type { GatewayContext } from '../context.ts';
import { protoEnum } from '../proto-enum.ts';
import { timeOrNull } from '../scalars.ts';
import { amountOrNull } from '../text.ts';
import { Instrument } from './instrument.ts';
import { MAX_SYMBOLS, symbolsFrom } from './symbols.ts';

export const MarketState = protoEnum('MarketState', MarketStates, 'Whether it can be traded now.', {
  CLOSED: 'Outside of its hours.',
  PRE: 'Before the regular session.',
  REGULAR: 'In the regular session.',
  AFTER: 'After the regular session.',
  HALTED: 'Interrupted by an operator.',
});

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
      resolve: ({ last, previousClose }) => ratioOf(last - previousClose, previousClose),
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
    asOf: t.field({
      type: 'DateTime',
      description: 'Of when it is; while the market is closed its last prices are good anew each moment.',
      resolve: ({ asOfUs }) => asOfUs,
    }),
    validUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Who uses it later knows that it is old.',
      resolve: ({ validUntilUs }) => timeOrNull(validUntilUs),
    }),
    isStale: t.boolean({
      description: 'It is older than it is good for: nobody else has said anything newer.',
      resolve: (quote) => !isFresh(quote),
    }),
  }),
});

builder.objectField(Instrument, 'quote', (t) =>
  t.field({
    type: Quote,
    nullable: true,
    description: 'What it costs now; null where nobody says.',
    authScopes: { may: 'instrument:read' },
    resolve: ({ symbol }, _args, context) => quoteOf(symbol, context),
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
      const [quote] = await loadQuotes(symbolsFrom('symbol', [symbol]), context);
      return quote ?? null;
    },
  }),
  quotes: t.field({
    type: [Quote],
    nullable: true,
    description: `What instruments cost now, in the order asked for; those that nobody knows a price of are left out. ${MAX_SYMBOLS} at the most.`,
    complexity: ({ symbols }) => ({ field: 1, multiplier: Math.min(symbols.length, MAX_SYMBOLS) }),
    authScopes: { may: 'instrument:read' },
    args: { symbols: t.arg.stringList({ required: true, description: 'Of which.' }) },
    resolve: async (_, { symbols }, context) =>
      (await loadQuotes(symbolsFrom('symbols', symbols), context)).filter((quote) => quote !== null),
  }),
}));

/** From memory as long as they are good; the others in one call, which everybody who asks at that moment shares. */
export async function loadQuotes(
  symbols: readonly string[],
  { clients, feeds }: GatewayContext,
): Promise<(QuoteMessage | null)[]> {
  const found = await feeds.quotes.lookUp(symbols, async (missing) => {
    const { quotes } = await clients.stock.getQuotes({ symbols: missing, allowUnknown: true });
    return quotes;
  });
  return found.map((quote) => quote ?? null);
}

/** The same for the rows of a list: all that ask in one turn are answered by one call. */
export async function quoteOf(symbol: string, context: GatewayContext): Promise<QuoteMessage | null> {
  return context.feeds.quotes.fresh(symbol) ?? (await loaderOf(context).load(symbol));
}

const loaders = new WeakMap<GatewayContext, DataLoader<string, QuoteMessage | null>>();

/** Nothing is remembered: the context of a stream lives for minutes. */
function loaderOf(context: GatewayContext): DataLoader<string, QuoteMessage | null> {
  let loader = loaders.get(context);
  if (loader === undefined) {
    loader = new DataLoader((symbols) => loadQuotes(symbols, context), { cache: false });
    loaders.set(context, loader);
  }
  return loader;
}

export function isFresh({ validUntilUs }: QuoteMessage): boolean {
  return validUntilUs >= nowUs();
}

/** Null where there is nothing to measure by. */
export function ratioOf(part: bigint, whole: bigint): bigint | null {
  return whole === 0n ? null : divide(part * MICRO, whole);
}
