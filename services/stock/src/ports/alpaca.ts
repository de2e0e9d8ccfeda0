import { type Bar } from '../domain/bars.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ProviderQuote } from '../domain/quote.ts';
import { barStart, type Timeframe } from '../domain/timeframe.ts';
import type { BarQuery, MarketDataProvider } from './provider.ts';
import { getJson, micros, record, timeOf, type Upstream, UpstreamError, volume } from './upstream.ts';

const NAME = 'alpaca';
const MAX_PAGES = 20;
const PAGE = 10_000;

/** Alpaca’s market data API, version 2: snapshots for quotes, and bars. */
export function alpacaProvider(options: {
  baseUrl: string;
  keyId: string;
  secretKey: string;
  feed: string;
  timeoutMs: number;
}): MarketDataProvider {
  const { baseUrl, keyId, secretKey, feed, timeoutMs } = options;
  const headers = { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secretKey };
  const upstream: Upstream = { provider: NAME, baseUrl, headers, timeoutMs };

  return {
    name: NAME,

    async quotes(instruments) {
      const names = instruments.map(({ symbol }) => symbolTo(symbol));
      const answer = await getJson(upstream, '/v2/stocks/snapshots', { symbols: names.join(','), feed });
      if (answer === undefined) return [];
      const snapshots = record(answer);
      if (snapshots === undefined) throw new UpstreamError(NAME, 'malformed');
      return instruments.flatMap(({ symbol }) => quoteFrom(symbol, snapshots[symbolTo(symbol)]) ?? []);
    },

    async bars(instrument, timeframe, query) {
      const bars: Bar[] = [];
      let token: string | undefined;
      for (let page = 0; page < MAX_PAGES && bars.length < query.limit; page += 1) {
        const answer = await getJson(upstream, '/v2/stocks/bars', queryOf(instrument, timeframe, query, feed, token));
        if (answer === undefined) break;
        const read = barsFrom(answer, symbolTo(instrument.symbol), timeframe);
        bars.push(...read.bars);
        token = read.next;
        if (token === undefined) break;
      }
      const found = bars.slice(0, query.limit);
      return { bars: query.backwards ? found.toReversed() : found, source: NAME };
    },
  };
}

const timeframes: Record<Timeframe, string> = {
  minute: '1Min',
  minute_5: '5Min',
  minute_15: '15Min',
  hour: '1Hour',
  day: '1Day',
  week: '1Week',
  month: '1Month',
};

function queryOf(
  { symbol }: Instrument,
  timeframe: Timeframe,
  { from, to, limit, backwards, adjusted }: BarQuery,
  feed: string,
  token: string | undefined,
): Record<string, string> {
  return {
    symbols: symbolTo(symbol),
    timeframe: timeframes[timeframe],
    start: new Date(from).toISOString(),
    // Theirs is included.
    end: new Date(to - 1).toISOString(),
    limit: String(Math.min(limit, PAGE)),
    adjustment: adjusted ? 'all' : 'raw',
    sort: backwards ? 'desc' : 'asc',
    feed,
    ...(token === undefined ? {} : { page_token: token }),
  };
}

/** Theirs has a dot where ours has a dash, which a subject cannot carry. */
function symbolTo(symbol: string): string {
  return symbol.replace('-', '.');
}

function quoteFrom(symbol: string, value: unknown): ProviderQuote | undefined {
  const snapshot = record(value);
  const trade = record(snapshot?.['latestTrade']);
  const quote = record(snapshot?.['latestQuote']);
  const day = record(snapshot?.['dailyBar']);
  const before = record(snapshot?.['prevDailyBar']);
  const last = micros(trade?.['p']);
  const at = timeOf(trade?.['t']);
  if (last === undefined || at === undefined) return undefined;
  return {
    symbol,
    last: BigInt(last),
    bid: price(quote?.['bp']),
    ask: price(quote?.['ap']),
    bidSize: lots(quote?.['bs']),
    askSize: lots(quote?.['as']),
    open: price(day?.['o']),
    high: price(day?.['h']),
    low: price(day?.['l']),
    previousClose: price(before?.['c']),
    volume: BigInt(volume(day?.['v']) ?? 0),
    high52w: 0n,
    low52w: 0n,
    source: NAME,
    asOfUs: BigInt(at) * 1000n,
  };
}

/** 0 where it is not said. */
function price(of: unknown): bigint {
  return BigInt(micros(of) ?? 0);
}

/** Theirs are round lots. */
function lots(of: unknown): bigint {
  return BigInt(volume(of) ?? 0) * 100n;
}

function barsFrom(answer: unknown, symbol: string, timeframe: Timeframe): { bars: Bar[]; next: string | undefined } {
  const page = record(answer);
  const bySymbol = record(page?.['bars']);
  if (page === undefined || bySymbol === undefined) throw new UpstreamError(NAME, 'malformed');
  const list = bySymbol[symbol] ?? [];
  if (!Array.isArray(list)) throw new UpstreamError(NAME, 'malformed');
  const next = page['next_page_token'];
  return {
    bars: list.flatMap((value: unknown) => barFrom(record(value), timeframe) ?? []),
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

function barFrom(bar: Readonly<Record<string, unknown>> | undefined, timeframe: Timeframe): Bar | undefined {
  const at = timeOf(bar?.['t']);
  const [open, high, low, close] = ['o', 'h', 'l', 'c'].map((name) => micros(bar?.[name]));
  const traded = volume(bar?.['v']);
  if (at === undefined || open === undefined || high === undefined || low === undefined) return undefined;
  if (close === undefined || traded === undefined) return undefined;
  return { startsAt: barStart(timeframe, at), open, high, low, close, volume: traded };
}
