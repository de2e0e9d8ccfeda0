import { nowUs } from '@andvari/kit/base/clock';
import { liveSubjects } from '@andvari/kit/events/subject-filter';
import type { Nats } from '@andvari/kit/nats/nats';
import type { Scope } from '@andvari/kit/process/scope';
import { Book, TradePrint } from '@andvari/proto/engine/v1/engine';
import { Quote } from '@andvari/proto/stock/v1/stock';
import { type LiveBoard, openLiveBoard } from './live-board.ts';
import type { Watching } from './tell-watched.ts';

/** More instruments than any market here has. */
const MAX_SYMBOLS = 20_000;

/** How long an answer of the service, even that it knows nothing, is good enough for whoever asks next. */
const ASKED_IS_GOOD_MS = 500;

/** The gateway's memory of quotes, from which it answers without asking anybody. */
export interface Quotes extends LiveBoard<Quote> {
  /** The newest, as long as it is good. */
  fresh(symbol: string): Quote | undefined;
  /**
   * From memory as long as they are good; `ask` is called once for all others, and whoever asks for one of them meanwhile
   * or shortly after has the same answer. An old quote comes rather than none: it says itself how old it is.
   */
  lookUp(symbols: readonly string[], ask: AskQuotes): Promise<(Quote | undefined)[]>;
}

export type AskQuotes = (missing: string[]) => Promise<Quote[]>;

export function openQuotes(scope: Scope, nats: Nats, watching: Watching): Quotes {
  const board = openLiveBoard<Quote>(scope, nats, {
    subject: liveSubjects.quote(),
    decode: (payload) => Quote.decode(payload),
    symbolOf: ({ symbol }) => symbol,
    ageOf: ({ asOfUs }) => asOfUs,
    maxSymbols: MAX_SYMBOLS,
    watching,
  });
  return withLookUp(board);
}

export function withLookUp(board: LiveBoard<Quote>): Quotes {
  const asked = new Map<string, Promise<void>>();

  const fresh = (symbol: string): Quote | undefined => {
    const quote = board.latest(symbol);
    return quote === undefined || quote.validUntilUs < nowUs() ? undefined : quote;
  };

  const askFor = (symbols: string[], ask: AskQuotes): void => {
    const answer = ask(symbols).then((quotes) => {
      for (const quote of quotes) board.learn(quote);
    });
    for (const symbol of symbols) asked.set(symbol, answer);
    const forget = (): void => {
      for (const symbol of symbols) if (asked.get(symbol) === answer) asked.delete(symbol);
    };
    answer.then(
      () => setTimeout(forget, ASKED_IS_GOOD_MS).unref(),
      // What failed may be asked again at once: the breaker of the client says when it is of no use.
      forget,
    );
  };

  return Object.assign(Object.create(board) as LiveBoard<Quote>, {
    fresh,
    async lookUp(symbols: readonly string[], ask: AskQuotes): Promise<(Quote | undefined)[]> {
      const missing = [...new Set(symbols)].filter((symbol) => fresh(symbol) === undefined);
      const unasked = missing.filter((symbol) => !asked.has(symbol));
      if (unasked.length > 0) askFor(unasked, ask);
      for (const answer of new Set(missing.map((symbol) => asked.get(symbol)))) await answer;
      return symbols.map((symbol) => board.latest(symbol));
    },
  });
}

export function openBooks(scope: Scope, nats: Nats, watching: Watching): LiveBoard<Book> {
  return openLiveBoard<Book>(scope, nats, {
    subject: liveSubjects.book(),
    decode: (payload) => Book.decode(payload),
    symbolOf: ({ symbol }) => symbol,
    ageOf: ({ asOfUs }) => asOfUs,
    maxSymbols: MAX_SYMBOLS,
    watching,
  });
}

export function openTrades(scope: Scope, nats: Nats, watching: Watching): LiveBoard<TradePrint> {
  return openLiveBoard<TradePrint>(scope, nats, {
    subject: liveSubjects.trade(),
    decode: (payload) => TradePrint.decode(payload),
    symbolOf: ({ symbol }) => symbol,
    ageOf: ({ tradedAtUs }) => tradedAtUs,
    maxSymbols: MAX_SYMBOLS,
    watching,
  });
}
