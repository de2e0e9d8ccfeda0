import { type Bar, foldInto, merge } from '../domain/bars.ts';
import { type CorporateAction, factorsAt, factorsBetween, isUnchanged, times } from '../domain/corporate-action.ts';
import type { Instrument } from '../domain/instrument.ts';
import { barEnd, barStart, isIntraday, type Timeframe } from '../domain/timeframe.ts';
import { venueBars } from '../store/venue-bars.ts';
import type { Deps } from './deps.ts';

export interface BarRequest {
  readonly timeframe: Timeframe;
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly latestFirst: boolean;
  readonly adjusted: boolean;
  readonly origin: 'merged' | 'reference' | 'venue';
}

export interface BarAnswer {
  readonly bars: readonly Bar[];
  readonly more: boolean;
  readonly source: string;
  readonly nowMs: number;
}

export type Bars = ReturnType<typeof createBars>;

export function createBars({ db, now, provider, listings }: Deps) {
  return {
    /** Oldest first; `more` where the range has further ones, at its end or, asked backwards, at its beginning. */
    async of(instrument: Instrument, request: BarRequest): Promise<BarAnswer> {
      const { timeframe, first, latestFirst, adjusted, origin } = request;
      const nowMs = Number(now() / 1000n);
      const range = { from: request.from, to: Math.min(request.to, nowMs + 1) };
      const limit = first + 1;
      const trim = (bars: readonly Bar[]): readonly Bar[] => (latestFirst ? bars.slice(-first) : bars.slice(0, first));
      if (origin === 'venue') {
        const bars = await ours(instrument, timeframe, range, adjusted, nowMs);
        return { bars: trim(bars), more: bars.length > first, source: 'venue', nowMs };
      }
      const query = { ...range, now: nowMs, limit, backwards: latestFirst, adjusted };
      const { bars: reference, source } = await provider.bars(instrument, timeframe, query);
      const more = reference.length > first;
      const bars = trim(reference);
      if (origin === 'reference') return { bars, more, source, nowMs };
      // Only as far as the page goes: what lies beyond belongs to the next one.
      const stretch = pageRange(range, bars, timeframe, more, latestFirst);
      const merged = merge(bars, await ours(instrument, timeframe, stretch, adjusted, nowMs));
      return { bars: merged, more, source, nowMs };
    },
  };

  async function ours(
    { symbol }: Instrument,
    timeframe: Timeframe,
    range: { from: number; to: number },
    adjusted: boolean,
    nowMs: number,
  ): Promise<Bar[]> {
    const kept = isIntraday(timeframe) ? 'minute' : 'day';
    const last = barStart(timeframe, range.to - 1);
    // Whole bars of the timeframe, each of which begins in the range.
    const from =
      barStart(timeframe, range.from) < range.from ? barEnd(timeframe, barStart(timeframe, range.from)) : range.from;
    const stored = await venueBars(db, { symbol, timeframe: kept }, { from, to: barEnd(timeframe, last) });
    const actions = listings.actionsOf(symbol);
    const scaled = adjusted && actions.length > 0 ? await comparable(symbol, stored, kept, actions, nowMs) : stored;
    return foldInto(scaled, (startsAt) => barStart(timeframe, startsAt));
  }

  /** As they would have been in the shares and at the worth of now. */
  async function comparable(
    symbol: string,
    stored: readonly Bar[],
    kept: 'minute' | 'day',
    actions: readonly CorporateAction[],
    nowMs: number,
  ): Promise<Bar[]> {
    const adjusted = (bars: readonly Bar[]): Bar[] => bars.map((bar) => adjust(bar, actions, nowMs));
    if (kept === 'minute') return adjusted(stored);
    // A day in which an action took effect has prices of both kinds, and no one factor is right for it.
    const mixed = new Set(actions.map(({ effectiveAtUs }) => barStart('day', Number(effectiveAtUs / 1000n))));
    const days = stored.map(async (day) => {
      if (!mixed.has(day.startsAt)) return adjusted([day]);
      const range = { from: day.startsAt, to: barEnd('day', day.startsAt) };
      const minutes = await venueBars(db, { symbol, timeframe: 'minute' }, range);
      return foldInto(adjusted(minutes), () => day.startsAt);
    });
    return (await Promise.all(days)).flat();
  }
}

function adjust(bar: Bar, actions: readonly CorporateAction[], nowMs: number): Bar {
  const { price, volume } = factorsBetween(factorsAt(actions, bar.startsAt), factorsAt(actions, nowMs));
  if (isUnchanged({ price, volume })) return bar;
  return {
    startsAt: bar.startsAt,
    open: times(bar.open, price),
    high: times(bar.high, price),
    low: times(bar.low, price),
    close: times(bar.close, price),
    volume: times(bar.volume, volume),
  };
}

function pageRange(
  range: { from: number; to: number },
  bars: readonly Bar[],
  timeframe: Timeframe,
  more: boolean,
  latestFirst: boolean,
): { from: number; to: number } {
  const [first, last] = [bars.at(0), bars.at(-1)];
  if (first === undefined || last === undefined || !more) return range;
  return latestFirst
    ? { from: first.startsAt, to: range.to }
    : { from: range.from, to: barEnd(timeframe, last.startsAt) };
}
