import { nowUs } from '@andvari/kit/base/clock';
import type { Nats } from '@andvari/kit/nats/nats';
import type { Scope } from '@andvari/kit/process/scope';
import { Book, TradePrint } from '@andvari/proto/engine/v1/engine';
import { Quote } from '@andvari/proto/stock/v1/stock';
import { type LiveBoard, openLiveBoard } from './live-board.ts';

/** More instruments than any market here has. */
const MAX_SYMBOLS = 20_000;

/** The gateway's memory of quotes, from which it answers without asking anybody. */
export interface Quotes extends LiveBoard<Quote> {
  /** The newest, as long as it is good. */
  fresh(symbol: string): Quote | undefined;
}

export function openQuotes(scope: Scope, nats: Nats): Quotes {
  const board = openLiveBoard<Quote>(scope, nats, {
    subject: 'md.quote.*',
    decode: (payload) => Quote.decode(payload),
    symbolOf: ({ symbol }) => symbol,
    ageOf: ({ asOfUs }) => asOfUs,
    maxSymbols: MAX_SYMBOLS,
  });
  return Object.assign(Object.create(board) as LiveBoard<Quote>, {
    fresh(symbol: string): Quote | undefined {
      const quote = board.latest(symbol);
      return quote === undefined || quote.validUntilUs < nowUs() ? undefined : quote;
    },
  });
}

export function openBooks(scope: Scope, nats: Nats): LiveBoard<Book> {
  return openLiveBoard<Book>(scope, nats, {
    subject: 'md.book.*',
    decode: (payload) => Book.decode(payload),
    symbolOf: ({ symbol }) => symbol,
    ageOf: ({ asOfUs }) => asOfUs,
    maxSymbols: MAX_SYMBOLS,
  });
}

export function openTrades(scope: Scope, nats: Nats): LiveBoard<TradePrint> {
  return openLiveBoard<TradePrint>(scope, nats, {
    subject: 'md.trade.*',
    decode: (payload) => TradePrint.decode(payload),
    symbolOf: ({ symbol }) => symbol,
    ageOf: ({ tradedAtUs }) => tradedAtUs,
    maxSymbols: MAX_SYMBOLS,
  });
}
