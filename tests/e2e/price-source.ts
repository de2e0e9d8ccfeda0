import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A provider of market data whose prices are what a test says, asked over the network like any other. */
export interface PriceSource {
  /** With these the stock service asks it, five times a second, and nobody else. */
  env: Record<string, string>;
  /** In dollars, from now on. */
  set(symbol: string, price: number): void;
  close(): Promise<void>;
}

export async function priceSource(prices: Record<string, number>): Promise<PriceSource> {
  const current = new Map(Object.entries(prices));
  const server = createServer((request, response) => {
    const { searchParams, pathname } = new URL(request.url ?? '', 'http://prices');
    const symbols = (searchParams.get('symbols') ?? '').split(',');
    const known = symbols.filter((symbol) => current.has(symbol));
    const of = (what: (price: number) => unknown) =>
      Object.fromEntries(known.map((symbol) => [symbol, what(current.get(symbol) ?? 0)]));
    const answer = pathname.endsWith('/bars')
      ? { bars: of((price) => barsBefore(price, searchParams)) }
      : of(snapshotAt);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      MARKET_DATA: 'alpaca',
      ALPACA_URL: `http://127.0.0.1:${port}`,
      ALPACA_KEY_ID: 'a-key-for-tests',
      ALPACA_SECRET_KEY: 'a-secret-for-tests',
      POLL_EVERY_MS: '200',
    },
    set: (symbol, price) => void current.set(symbol, price),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const CENT = 0.01;

/** As https://docs.alpaca.markets describes a snapshot: a cent around the last price. */
function snapshotAt(price: number) {
  const t = new Date().toISOString();
  const [o, h, l, c, v] = [price, price, price, price, 1_000_000];
  return {
    latestTrade: { t, p: price, s: 100 },
    latestQuote: { t, ap: rounded(price + CENT), as: 3, bp: rounded(price - CENT), bs: 2 },
    dailyBar: { o, h, l, c, v },
    prevDailyBar: { o, h, l, c, v },
  };
}

const STEPS = 240;
const stepMs: Readonly<Record<string, number>> = { Min: 60_000, Hour: 3_600_000, Day: 86_400_000 };

/** A gentle wave that ends where the price is; of months and weeks there is none. */
function barsBefore(price: number, asked: URLSearchParams) {
  const [, count = '1', unit = ''] = /^(\d+)(\w+)$/.exec(asked.get('timeframe') ?? '') ?? [];
  const ms = Number(count) * (stepMs[unit] ?? Number.NaN);
  if (Number.isNaN(ms)) return [];
  const last = Math.floor(Date.now() / ms) * ms;
  const [start, end] = [Date.parse(asked.get('start') ?? ''), Date.parse(asked.get('end') ?? '')];
  const at = (step: number): number => rounded(price + Math.sin(step / 9) / 2);
  const bars = Array.from({ length: STEPS }, (_, step) => {
    const [o, c] = [at(step + 1), at(step)];
    return {
      t: last - step * ms,
      o,
      h: rounded(Math.max(o, c) + CENT),
      l: rounded(Math.min(o, c) - CENT),
      c,
      v: 1000 + step,
    };
  })
    .filter(({ t }) => t >= start && t <= end)
    .map(({ t, ...rest }) => ({ t: new Date(t).toISOString(), ...rest }));
  const sorted = asked.get('sort') === 'desc' ? bars : bars.toReversed();
  return sorted.slice(0, Number(asked.get('limit') ?? STEPS));
}

function rounded(price: number): number {
  return Number(price.toFixed(2));
}
