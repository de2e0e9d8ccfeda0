/** Fifty symbols that all move five times a second, the book of one ten times, trades as they come. */
export const SYMBOLS = Array.from({ length: 50 }, (_, at) => `S${String(at).padStart(2, '0')}`);

const QUOTES_EVERY_MS = 200;
const BOOK_EVERY_MS = 100;
const LEVELS = 10;
/** Prices that came by the stream are above, those that a query answered below. */
export const FIRST_LIVE_PRICE = 200;

/** Each price of a symbol is told once: by it, what is seen is found in what was sent. */
export const sentAtMs = new Map<string, number>();

export function startTicks(variables: Record<string, unknown>, send: (update: unknown) => void): () => void {
  const [quotes, books] = [asked(variables['quotes']), asked(variables['book'])];
  let round = 0;
  const tick = (): void => {
    round += 1;
    send({ __typename: 'QuotesMoved', quotes: quotes.map((symbol, at) => quoteOf(symbol, priceOf(round, at))) });
    sentAtMs.set(priceOf(round, 0), performance.timeOrigin + performance.now());
  };
  const book = (): void => {
    for (const symbol of books) {
      send({ __typename: 'BookMoved', book: bookOf(symbol) });
      const trade = {
        symbol,
        price: '200.10',
        quantity: '10',
        aggressor: 'BUY',
        tradeId: `${round}-${Math.random()}`,
        tradedAt: new Date().toISOString(),
      };
      send({ __typename: 'TradesPrinted', missed: 0, trades: [trade] });
    }
  };
  tick();
  const timers = [setInterval(tick, QUOTES_EVERY_MS), setInterval(book, BOOK_EVERY_MS)];
  return () => timers.forEach((timer) => clearInterval(timer));
}

const asked = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const priceOf = (round: number, at: number): string => (FIRST_LIVE_PRICE + (round + at) / 100).toFixed(2);

function quoteOf(symbol: string, last: string) {
  const at = new Date();
  return {
    symbol,
    last,
    bid: last,
    ask: last,
    bidSize: '1',
    askSize: '1',
    open: '200',
    high: last,
    low: '199',
    previousClose: '200',
    change: '1.25',
    changeRatio: '0.0063',
    volume: '418600',
    marketState: 'REGULAR',
    source: 'BENCH',
    asOf: at.toISOString(),
    validUntil: new Date(at.getTime() + 60_000).toISOString(),
    isStale: false,
  };
}

function bookOf(symbol: string) {
  const side = (sign: 1 | -1) =>
    Array.from({ length: LEVELS }, (_, at) => ({
      price: (FIRST_LIVE_PRICE + sign * (at + 1) * 0.01).toFixed(2),
      quantity: String(100 + Math.floor(Math.random() * 1000)),
      orders: 1 + Math.floor(Math.random() * 8),
    }));
  return {
    symbol,
    last: '200.00',
    session: 'REGULAR',
    halted: false,
    asOf: new Date().toISOString(),
    bids: side(-1),
    asks: side(1),
  };
}
