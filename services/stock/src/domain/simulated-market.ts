import { type Bar, fold } from './bars.ts';
import { DAY_MS } from './days.ts';
import { hash, uniform } from './deterministic-math.ts';
import type { TradingDay } from './nyse-calendar.ts';
import { type DailyPath, dailyPath, type SimulatedSymbol } from './simulated-days.ts';
import { barsOf, dayBar, happened, type Session, sessionOf, UNIT_MS } from './simulated-session.ts';
import { barEnd, barStart, HISTORY_BEGINS, intradayMs, isIntraday, type Timeframe } from './timeframe.ts';
import { lastTradingDay, nextTradingDay, previousTradingDay, type TradingDays } from './trading-days.ts';

/** Prices and quantities are micro-units that a double holds exactly. */
export interface SimulatedQuote {
  readonly last: number;
  readonly bid: number;
  readonly ask: number;
  readonly bidSize: number;
  readonly askSize: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly previousClose: number;
  readonly volume: number;
  readonly high52w: number;
  readonly low52w: number;
}

export interface BarRange {
  /** Bars that begin in [from, to). */
  readonly from: number;
  readonly to: number;
  /** Nothing after it has happened yet. */
  readonly now: number;
}

export type SimulatedMarket = ReturnType<typeof createSimulatedMarket>;

/**
 * A market whose prices are a pure function of seed, symbol and time: any process answers the same for the same moment, in
 * any order. What it keeps is only there to save work.
 */
export function createSimulatedMarket(seed: string, days: TradingDays) {
  const paths = new WeakMap<SimulatedSymbol, DailyPath>();
  const current = new Map<string, { session: Session; before: Session; year: Bar | undefined }>();

  function pathOf(of: SimulatedSymbol): DailyPath {
    let path = paths.get(of);
    if (path === undefined) paths.set(of, (path = dailyPath(seed, of, days.slotsPerYear)));
    return path;
  }

  function session(of: SimulatedSymbol, path: DailyPath, today: TradingDay): Session {
    return sessionOf(of, path, days, today, previousTradingDay(days, today.day));
  }

  /** The session that is under way, or the last one. */
  function latest(of: SimulatedSymbol, at: number) {
    const wanted = lastTradingDay(days, at);
    const known = current.get(of.symbol);
    if (known !== undefined && known.session.startsAt === wanted.day * DAY_MS && known.session.of === of) return known;
    const path = pathOf(of);
    const before = previousTradingDay(days, wanted.day);
    const yearAgo = (wanted.day - 365) * DAY_MS;
    const past = { from: Math.max(yearAgo, HISTORY_BEGINS), to: wanted.day * DAY_MS, now: at };
    const found = {
      session: session(of, path, wanted),
      before: session(of, path, before),
      year: fold(dailyBars(of, past)),
    };
    if (current.size >= MAX_CURRENT) current.clear();
    current.set(of.symbol, found);
    return found;
  }

  function* dailyBars(of: SimulatedSymbol, { from, to, now }: BarRange): Generator<Bar> {
    const path = pathOf(of);
    for (let at = Math.max(from, HISTORY_BEGINS); at < Math.min(to, now); at += DAY_MS) {
      const today = days.at(Math.floor(at / DAY_MS));
      if (today === undefined) continue;
      const bar = now < today.closesAt ? soFar(of, path, today, now) : dayBar(session(of, path, today));
      if (bar !== undefined) yield bar;
    }
  }

  function soFar(of: SimulatedSymbol, path: DailyPath, today: TradingDay, now: number): Bar | undefined {
    const part = happened(session(of, path, today), today.opensAt, now);
    return part === undefined ? undefined : { ...part, startsAt: today.day * DAY_MS };
  }

  function intradayBars(of: SimulatedSymbol, path: DailyPath, today: TradingDay, length: number, range: BarRange) {
    const { from, to, now } = range;
    if (today.opensAt >= now) return [];
    const ours = session(of, path, today);
    const all = barsOf(ours, length).filter(({ startsAt }) => startsAt >= from && startsAt < to && startsAt < now);
    const last = all.at(-1);
    if (last === undefined || last.startsAt + length <= now) return all;
    const live = happened(ours, last.startsAt, now);
    return live === undefined ? all.slice(0, -1) : [...all.slice(0, -1), { ...live, startsAt: last.startsAt }];
  }

  return {
    quote(of: SimulatedSymbol, at: number): SimulatedQuote {
      const { session: today, before, year } = latest(of, at);
      const { whole } = today;
      const sofar = happened(today, today.startsAt, at) ?? {
        open: whole.open,
        high: whole.open,
        low: whole.open,
        close: whole.open,
        volume: 0,
      };
      const last = sofar.close;
      const tick = last >= ONE ? of.tick : of.tickBelowOne;
      const unit = Math.floor(at / UNIT_MS / 5);
      const spread = Math.max(1, Math.round((last * HALF_SPREAD) / tick)) * tick;
      return {
        last,
        bid: Math.max(last - spread, tick),
        ask: last + spread,
        bidSize: sizeFrom(hash(today.keys.own ^ BID, unit)),
        askSize: sizeFrom(hash(today.keys.own ^ ASK, unit)),
        open: sofar.open,
        high: sofar.high,
        low: sofar.low,
        previousClose: before.whole.close,
        volume: sofar.volume,
        high52w: Math.max(sofar.high, year?.high ?? 0),
        low52w: Math.min(sofar.low, year?.low ?? sofar.low),
      };
    },

    /** One after the other, forwards or backwards in time, made as they are asked for. */
    *bars(of: SimulatedSymbol, timeframe: Timeframe, range: BarRange, backwards = false): Generator<Bar> {
      const { from, to, now } = { ...range, from: Math.max(range.from, HISTORY_BEGINS) };
      const end = Math.min(to, now + 1);
      if (end <= from) return;
      if (isIntraday(timeframe)) {
        const path = pathOf(of);
        const edge = Math.floor((backwards ? end - 1 : from) / DAY_MS);
        const first = days.at(edge) ?? (backwards ? previousTradingDay : nextTradingDay)(days, edge);
        for (let today = first; ; ) {
          if (backwards ? today.closesAt <= from : today.opensAt >= end) return;
          const bars = intradayBars(of, path, today, intradayMs[timeframe], range);
          yield* backwards ? bars.toReversed() : bars;
          today = (backwards ? previousTradingDay : nextTradingDay)(days, today.day);
        }
      }
      let start = barStart(timeframe, backwards ? end - 1 : from);
      if (!backwards && start < from) start = barEnd(timeframe, start);
      while (backwards ? start >= from : start < end) {
        const bar = fold(dailyBars(of, { from: start, to: barEnd(timeframe, start), now }), start);
        if (bar !== undefined) yield bar;
        start = backwards ? barStart(timeframe, start - 1) : barEnd(timeframe, start);
      }
    },
  };
}

const MAX_CURRENT = 2000;
const ONE = 1_000_000;
/** One basis point either way of the last price, but never less than a tick. */
const HALF_SPREAD = 0.0001;
const [BID, ASK] = [0xb8, 0xc9];

/** From one to twenty round lots. */
function sizeFrom(bits: number): number {
  return (1 + Math.floor(20 * uniform(bits))) * 100 * ONE;
}
