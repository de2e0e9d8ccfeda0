import type { RpcClient } from '@andvari/kit/rpc/client';
import { type Price, toPrice } from '@andvari/money';
import { type Bar, BarOrigin, BarPeriod, type StockServiceService, Timeframe } from '@andvari/proto/stock/v1/stock';
import { CommandError } from '../system.ts';

/** What a few symbols closed at on every trading day of a year, the oldest first, all on the same days. */
export interface PastMarket {
  readonly symbols: readonly string[];
  readonly days: readonly PastDay[];
}

export interface PastDay {
  /** When its regular session may be thought to begin. */
  readonly atUs: bigint;
  readonly closes: ReadonlyMap<string, Price>;
}

export const SEEDED_SYMBOLS = [
  'AAPL',
  'MSFT',
  'NVDA',
  'AMZN',
  'GOOGL',
  'META',
  'TSLA',
  'JPM',
  'KO',
  'XOM',
  'SPY',
  'QQQ',
];
const FEWEST_DAYS = 60;
const MOST_DAYS = 400;
const CENT = 10_000n;
/** A day's bar begins with the day in New York, or with the session; eleven hours on it is trading hours either way. */
const INTO_THE_DAY_US = 11n * 3_600_000_000n;

/** A year that ends at a moment, as the market's reference has it: without what was traded here, which would be another tomorrow. */
export async function readPastMarket(
  stock: Pick<RpcClient<typeof StockServiceService>, 'getBars'>,
  fromUs: bigint,
  toUs: bigint,
): Promise<PastMarket> {
  const found = await Promise.all(
    SEEDED_SYMBOLS.map(async (symbol) => ({ symbol, bars: await barsOf(stock, symbol, fromUs, toUs) })),
  );
  const closes = new Map<bigint, Map<string, Price>>();
  for (const { symbol, bars } of found) {
    for (const { startsAtUs, close } of bars) {
      const day = closes.get(startsAtUs) ?? new Map<string, Price>();
      // On the tick of whatever costs more than a dollar.
      closes.set(startsAtUs, day.set(symbol, toPrice((close / CENT) * CENT)));
    }
  }
  const days = [...closes]
    .filter(([, prices]) => prices.size === SEEDED_SYMBOLS.length)
    .map(([startsAtUs, prices]) => ({ atUs: startsAtUs + INTO_THE_DAY_US, closes: prices }))
    .toSorted((one, other) => Number(one.atUs - other.atUs));
  if (days.length < FEWEST_DAYS) {
    throw new CommandError(`the market remembers ${days.length} days of that year, too few to make a past of`);
  }
  return { symbols: SEEDED_SYMBOLS, days };
}

async function barsOf(
  stock: Pick<RpcClient<typeof StockServiceService>, 'getBars'>,
  symbol: string,
  fromUs: bigint,
  toUs: bigint,
): Promise<readonly Bar[]> {
  const { bars } = await stock.getBars({
    symbol,
    timeframe: Timeframe.TIMEFRAME_DAY,
    fromUs,
    toUs,
    adjusted: true,
    page: { first: MOST_DAYS, after: '' },
    period: BarPeriod.BAR_PERIOD_UNSPECIFIED,
    origin: BarOrigin.BAR_ORIGIN_REFERENCE,
    latestFirst: false,
  });
  return bars;
}
