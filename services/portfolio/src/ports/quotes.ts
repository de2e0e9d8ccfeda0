import { liveSubjects } from '@andvari/kit/events/subject-filter';
import type { Nats } from '@andvari/kit/nats/nats';
import { subscribeLive } from '@andvari/kit/nats/subscribe-live';
import type { Scope } from '@andvari/kit/process/scope';
import { type Price, toPrice } from '@andvari/money';
import { Quote as QuoteMessage } from '@andvari/proto/stock/v1/stock';

/** What the market says of a symbol, and for how long it is good: used later than that, it has to be said that it is old. */
export type MarketQuote = {
  readonly price: Price;
  readonly previousClose: Price | undefined;
  /** When that was; undefined where nobody says. */
  readonly previousCloseAtUs?: bigint | undefined;
  readonly validUntilUs: bigint;
  readonly asOfUs: bigint;
};

/** What shares are worth, as far as anybody knows; what is missing is valued at cost. */
export type QuoteSource = () => Promise<ReadonlyMap<string, MarketQuote>>;

/** For as long as nobody tells us the market's prices. */
export const noQuotes: QuoteSource = async () => new Map();

const MOST_SYMBOLS = 100_000;

/**
 * The last quote of every symbol, from the market's live messages. Nobody keeps those: after a start a symbol is unknown until its price moves
 * once, and while the connection is away the quotes grow old and are said to be.
 */
export function liveQuotes(scope: Scope, nats: Nats): QuoteSource {
  const latest = new Map<string, MarketQuote>();
  subscribeLive(scope, nats, liveSubjects.quote(), ({ payload }) => {
    const { symbol, last, previousClose, previousCloseAtUs, asOfUs, validUntilUs } = QuoteMessage.decode(payload);
    const before = latest.get(symbol);
    if (symbol === '' || last <= 0n || (before !== undefined && before.asOfUs > asOfUs)) return;
    if (before === undefined && latest.size >= MOST_SYMBOLS) return;
    const close = previousClose > 0n ? toPrice(previousClose) : undefined;
    latest.set(symbol, { price: toPrice(last), previousClose: close, previousCloseAtUs, asOfUs, validUntilUs });
  });
  return async () => latest;
}
