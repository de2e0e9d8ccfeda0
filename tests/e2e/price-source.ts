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
    const { searchParams } = new URL(request.url ?? '', 'http://prices');
    const symbols = (searchParams.get('symbols') ?? '').split(',');
    const known = symbols.filter((symbol) => current.has(symbol));
    const snapshots = Object.fromEntries(known.map((symbol) => [symbol, snapshotAt(current.get(symbol) ?? 0)]));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(snapshots));
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

function rounded(price: number): number {
  return Number(price.toFixed(2));
}
