import { type Bar, foldInto } from '../domain/bars.ts';
import { DAY_MS, dayFromIso, isoDate } from '../domain/days.ts';
import { newYorkOffsetHours } from '../domain/nyse-calendar.ts';
import type { ProviderQuote } from '../domain/quote.ts';
import { barStart, isIntraday, type Timeframe } from '../domain/timeframe.ts';
import type { BarQuery, MarketDataProvider } from './provider.ts';
import { getJson, micros, record, type Upstream, UpstreamError, volume } from './upstream.ts';

const NAME = 'fmp';
const charts = { minute: '1min', minute_5: '5min', minute_15: '15min', hour: '1hour' } as const;

/** Financial Modeling Prep, version 3. Its key travels in the address, which is why no error here has one. */
export function fmpProvider(options: { baseUrl: string; apiKey: string; timeoutMs: number }): MarketDataProvider {
  const { baseUrl, apiKey, timeoutMs } = options;
  const upstream: Upstream = { provider: NAME, baseUrl, headers: {}, timeoutMs };
  const ask = async (path: string, query: Record<string, string> = {}): Promise<unknown> => {
    const answer = await getJson(upstream, `/api/v3${path}`, { ...query, apikey: apiKey });
    // A bad key is told with status 200 as well.
    if (record(answer)?.['Error Message'] !== undefined) throw new UpstreamError(NAME, 'refused');
    return answer;
  };

  return {
    name: NAME,

    async quotes(instruments, at) {
      const names = instruments.map(({ symbol }) => symbol);
      const answer = await ask(`/quote/${names.map(encodeURIComponent).join(',')}`);
      if (answer === undefined) return [];
      if (!Array.isArray(answer)) throw new UpstreamError(NAME, 'malformed');
      const wanted = new Set(names);
      return answer.flatMap((value: unknown) => quoteFrom(record(value), wanted, at) ?? []);
    },

    async bars({ symbol }, timeframe, query) {
      const [from, to] = [isoDate(Math.floor(query.from / DAY_MS)), isoDate(Math.floor((query.to - 1) / DAY_MS))];
      const found = isIntraday(timeframe)
        ? chartFrom(await ask(`/historical-chart/${charts[timeframe]}/${encodeURIComponent(symbol)}`, { from, to }))
        : daysFrom(
            await ask(`/historical-price-full/${encodeURIComponent(symbol)}`, { from: monthBefore(from), to }),
            query.adjusted,
          );
      return { bars: picked(found, timeframe, query), source: NAME };
    },
  };
}

/** Weeks and months are asked for by their days: the first may begin before the range does. */
function monthBefore(date: string): string {
  return isoDate((dayFromIso(date) ?? 0) - 31);
}

function picked(bars: Bar[], timeframe: Timeframe, { from, to, limit, backwards }: BarQuery): Bar[] {
  const inOrder = bars.toSorted((a, b) => a.startsAt - b.startsAt);
  const folded = foldInto(inOrder, (startsAt) => barStart(timeframe, startsAt));
  const inRange = folded.filter(({ startsAt }) => startsAt >= from && startsAt < to);
  return backwards ? inRange.slice(-limit) : inRange.slice(0, limit);
}

type Row = Readonly<Record<string, unknown>>;

function quoteFrom(row: Row | undefined, wanted: ReadonlySet<string>, at: number): ProviderQuote | undefined {
  const symbol = row?.['symbol'];
  const last = micros(row?.['price']);
  if (row === undefined || typeof symbol !== 'string' || !wanted.has(symbol) || last === undefined) return undefined;
  const price = (name: string): bigint => BigInt(micros(row[name]) ?? 0);
  const seconds = row['timestamp'];
  const asOfMs = typeof seconds === 'number' && seconds > 0 && seconds * 1000 <= at ? Math.trunc(seconds) * 1000 : at;
  return {
    symbol,
    last: BigInt(last),
    bid: 0n,
    ask: 0n,
    bidSize: 0n,
    askSize: 0n,
    open: price('open'),
    high: price('dayHigh'),
    low: price('dayLow'),
    previousClose: price('previousClose'),
    volume: BigInt(volume(row['volume']) ?? 0),
    high52w: price('yearHigh'),
    low52w: price('yearLow'),
    source: NAME,
    asOfUs: BigInt(asOfMs) * 1000n,
  };
}

function chartFrom(answer: unknown): Bar[] {
  if (answer === undefined) return [];
  if (!Array.isArray(answer)) throw new UpstreamError(NAME, 'malformed');
  return answer.flatMap((value: unknown) => {
    const row = record(value);
    return barFrom(row, newYorkTime(row?.['date'])) ?? [];
  });
}

function daysFrom(answer: unknown, adjusted: boolean): Bar[] {
  if (answer === undefined) return [];
  const body = record(answer);
  if (body === undefined) throw new UpstreamError(NAME, 'malformed');
  // Of a symbol that it does not know it sends an empty object.
  const list = body['historical'] ?? [];
  if (!Array.isArray(list)) throw new UpstreamError(NAME, 'malformed');
  return list.flatMap((value: unknown) => {
    const row = record(value);
    const day = typeof row?.['date'] === 'string' ? dayFromIso(row['date']) : undefined;
    const bar = barFrom(row, day === undefined ? undefined : day * DAY_MS);
    const close = micros(row?.['adjClose']);
    if (bar === undefined || !adjusted || close === undefined) return bar ?? [];
    const by = (price: number): number => Math.max(1, Math.round((price * close) / bar.close));
    const { startsAt, volume: traded } = bar;
    return { startsAt, open: by(bar.open), high: by(bar.high), low: by(bar.low), close, volume: traded };
  });
}

function barFrom(row: Row | undefined, startsAt: number | undefined): Bar | undefined {
  const [open, high, low, close] = ['open', 'high', 'low', 'close'].map((name) => micros(row?.[name]));
  const traded = volume(row?.['volume']);
  if (startsAt === undefined || open === undefined || high === undefined || low === undefined) return undefined;
  if (close === undefined || traded === undefined) return undefined;
  return { startsAt, open, high, low, close, volume: traded };
}

/** `2026-06-10 15:55:00`, as the clocks in New York say. */
function newYorkTime(value: unknown): number | undefined {
  const [, date, time] = typeof value === 'string' ? (/^(\S{10}) (\d{2}:\d{2}:\d{2})$/.exec(value) ?? []) : [];
  const day = date === undefined ? undefined : dayFromIso(date);
  if (day === undefined || time === undefined) return undefined;
  const ms = Date.parse(`1970-01-01T${time}Z`);
  return Number.isFinite(ms) ? day * DAY_MS + ms - newYorkOffsetHours(day) * 3_600_000 : undefined;
}
