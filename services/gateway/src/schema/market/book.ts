import { invalid, isAppError } from '@andvari/kit/base/errors';
import { Session as Sessions, Side as Sides } from '@andvari/proto/engine/v1/commands';
import type { BookLevel as BookLevelMessage, Book as BookMessage, TradePrint } from '@andvari/proto/engine/v1/engine';
import { builder } from '../builder.ts';
import { asNamedIn } from '../operation-inputs.ts';
import { protoEnumNamed } from '../proto-enum.ts';
import { amountOrNull } from '../text.ts';
import { symbolFrom } from './symbols.ts';

export const OrderSide = protoEnumNamed('OrderSide', 'SIDE_', Sides, 'Buying or selling.', {
  BUY: 'Pays money for shares.',
  SELL: 'Gives shares for money.',
});
const TradingSession = protoEnumNamed('TradingSession', 'SESSION_', Sessions, 'In which session a book is.', {
  CLOSED: 'Nothing trades; what waits, waits.',
  PRE_OPEN: 'Orders gather for the opening auction.',
  OPEN: 'Orders trade as they come.',
  CLOSING: 'Orders gather for the closing auction.',
});

const DEFAULT_LEVELS = 10;
const MAX_LEVELS = 200;

const BookLevel = builder.objectRef<BookLevelMessage>('BookLevel').implement({
  description: 'All that rests at one price.',
  fields: (t) => ({
    price: t.field({ type: 'Decimal', description: 'The price.', resolve: ({ px }) => px }),
    quantity: t.field({ type: 'Decimal', description: 'How many.', resolve: ({ qty }) => qty }),
    orders: t.exposeInt('orders', { description: 'Of how many orders.' }),
  }),
});

export const Book = builder.objectRef<BookMessage>('Book').implement({
  description: 'What rests in the order book of an instrument.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of which.' }),
    bids: t.field({ type: [BookLevel], description: 'Who buys, the best price first.', resolve: ({ bids }) => bids }),
    asks: t.field({ type: [BookLevel], description: 'Who sells, the best price first.', resolve: ({ asks }) => asks }),
    last: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The price of the last trade.',
      resolve: ({ lastPx }) => amountOrNull(lastPx),
    }),
    session: t.field({
      type: TradingSession.type,
      description: 'In which session it is.',
      resolve: ({ session }) => TradingSession.from(session),
    }),
    halted: t.exposeBoolean('halted', { description: 'Whether trading is interrupted.' }),
    asOf: t.field({ type: 'DateTime', description: 'Of when it is.', resolve: ({ asOfUs }) => asOfUs }),
  }),
});

export const Trade = builder.objectRef<TradePrint>('Trade').implement({
  description: 'What was traded in a tenth of a second: the last price, and all of its shares.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of which instrument.' }),
    price: t.field({ type: 'Decimal', description: 'The last price.', resolve: ({ px }) => px }),
    quantity: t.field({ type: 'Decimal', description: 'How many.', resolve: ({ qty }) => qty }),
    aggressor: t.field({
      type: OrderSide.type,
      description: 'Who came to the other’s price.',
      resolve: ({ aggressor }) => OrderSide.from(aggressor),
    }),
    tradeId: t.exposeID('tradeId', { description: 'Of the last of them.' }),
    tradedAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ tradedAtUs }) => tradedAtUs }),
  }),
});

builder.queryField('book', (t) =>
  t.field({
    type: Book,
    nullable: true,
    description: 'The order book of an instrument as it is now; null where there is none.',
    complexity: 20,
    authScopes: { may: 'instrument:read' },
    args: {
      symbol: t.arg.string({ required: true, description: 'Of which.' }),
      levels: t.arg.int({
        required: true,
        defaultValue: DEFAULT_LEVELS,
        description: `Prices a side, ${MAX_LEVELS} at the most.`,
      }),
    },
    resolve: async (_, { symbol: given, levels: depth }, { clients }) => {
      const symbol = symbolFrom('symbol', given);
      if (depth < 1 || depth > MAX_LEVELS) throw invalid('levels', `should be from 1 to ${MAX_LEVELS}`);
      try {
        return (await asNamedIn('book', clients.engine.getBook({ symbol, depth }))).book ?? null;
      } catch (error) {
        if (isAppError(error, 'not_found')) return null;
        throw error;
      }
    },
  }),
);
