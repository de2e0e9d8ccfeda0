import { parsePrice, parseQuantity } from '@andvari/money/decimal';
import { type Bar, fold, foldInto } from '../domain/bars.ts';
import { DAY_MS } from '../domain/days.ts';
import type { ProviderQuote } from '../domain/quote.ts';
import { barStart } from '../domain/timeframe.ts';
import type { MarketDataProvider } from './provider.ts';

const NAME = 'replay';
const COLUMNS = 'symbol,time,open,high,low,close,volume';
const MINUTE_MS = 60_000;

/** Minute bars by symbol, in the order of time. */
export type Recording = ReadonlyMap<string, readonly Bar[]>;

/** Reads a recording, one minute bar a line, or says which lines are wrong. */
export function readRecording(text: string): { recording: Recording } | { problems: readonly string[] } {
  const [header, ...lines] = text.split(/\r?\n/);
  if (header !== COLUMNS) return { problems: [`line 1: the columns should be ${COLUMNS}`] };
  const problems: string[] = [];
  const bySymbol = new Map<string, Bar[]>();
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const read = readLine(line);
    if (read === undefined) {
      problems.push(`line ${index + 2}: should be a symbol, a time, four prices and a volume`);
      continue;
    }
    const bars = bySymbol.get(read.symbol) ?? [];
    bars.push(read.bar);
    bySymbol.set(read.symbol, bars);
  }
  if (problems.length > 0) return { problems };
  return {
    recording: new Map(
      [...bySymbol].map(([symbol, bars]) => [symbol, bars.toSorted((a, b) => a.startsAt - b.startsAt)]),
    ),
  };
}

function readLine(line: string): { symbol: string; bar: Bar } | undefined {
  const [symbol = '', time = '', open = '', high = '', low = '', close = '', volume = '', ...rest] = line.split(',');
  const startsAt = Date.parse(time);
  const prices = [open, high, low, close].map(parsePrice);
  const traded = parseQuantity(volume);
  const [o, h, l, c] = prices.map((price) => (price.ok ? Number(price.value) : 0));
  if (rest.length > 0 || !Number.isFinite(startsAt) || !traded.ok || !prices.every(({ ok }) => ok)) return undefined;
  if (o === undefined || h === undefined || l === undefined || c === undefined) return undefined;
  if (h < Math.max(o, c) || l > Math.min(o, c)) return undefined;
  const bar = { startsAt: barStart('minute', startsAt), open: o, high: h, low: l, close: c };
  return { symbol, bar: { ...bar, volume: Number(traded.value) } };
}

/**
 * Plays a recording from its first bar on, at so many times its own pace, from `startedAt`. A quote is the close of the last
 * bar that has ended by then and says when it was given; bars keep the times that they were recorded at.
 */
export function replayProvider(options: {
  recording: Recording;
  startedAt: number;
  speed: number;
}): MarketDataProvider {
  const { recording, startedAt, speed } = options;
  const begins = Math.min(...[...recording.values()].map(([first]) => first?.startsAt ?? Number.POSITIVE_INFINITY));
  const playing = (at: number): number => begins + MINUTE_MS + (at - startedAt) * speed;

  return {
    name: NAME,

    async quotes(instruments, at) {
      const moment = playing(at);
      return instruments.flatMap(({ symbol }) => quoteOf(symbol, recording.get(symbol) ?? [], moment, at) ?? []);
    },

    async bars({ symbol }, timeframe, { from, to, now, limit, backwards }) {
      const until = Math.min(to, playing(now) - MINUTE_MS + 1);
      const played = (recording.get(symbol) ?? []).filter(({ startsAt }) => startsAt < until);
      const folded = foldInto(played, (startsAt) => barStart(timeframe, startsAt));
      const inRange = folded.filter(({ startsAt }) => startsAt >= from);
      return { bars: backwards ? inRange.slice(-limit) : inRange.slice(0, limit), source: NAME };
    },
  };
}

function quoteOf(symbol: string, bars: readonly Bar[], moment: number, at: number): ProviderQuote | undefined {
  const played = bars.filter(({ startsAt }) => startsAt + MINUTE_MS <= moment);
  const last = played.at(-1);
  if (last === undefined) return undefined;
  const dayBegins = Math.floor(last.startsAt / DAY_MS) * DAY_MS;
  const today = fold(played.filter(({ startsAt }) => startsAt >= dayBegins)) ?? last;
  const before = played.findLast(({ startsAt }) => startsAt < dayBegins);
  const all = fold(played) ?? last;
  const price = BigInt(last.close);
  return {
    symbol,
    last: price,
    bid: 0n,
    ask: 0n,
    bidSize: 0n,
    askSize: 0n,
    open: BigInt(today.open),
    high: BigInt(today.high),
    low: BigInt(today.low),
    previousClose: BigInt(before?.close ?? today.open),
    volume: BigInt(today.volume),
    high52w: BigInt(all.high),
    low52w: BigInt(all.low),
    source: NAME,
    asOfUs: BigInt(Math.trunc(at)) * 1000n,
  };
}
