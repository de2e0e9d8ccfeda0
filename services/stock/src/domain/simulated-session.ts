import { type Bar, fold } from './bars.ts';
import { DAY_MS } from './days.ts';
import { exp, exponential, hash, normal } from './deterministic-math.ts';
import { activity, type Profile, profileFor } from './intraday-profile.ts';
import type { TradingDay } from './nyse-calendar.ts';
import { type DailyPath, type Keys, mixer, onGrid, priceAt, type SimulatedSymbol } from './simulated-days.ts';
import type { TradingDays } from './trading-days.ts';

/** One session of one symbol, and how it is taken apart. */
export interface Session {
  readonly whole: Span;
  readonly of: SimulatedSymbol;
  readonly startsAt: number;
  readonly keys: Keys;
  readonly step: (kind: number, index: number) => number;
  readonly profile: Profile;
  /** In units since midnight. */
  readonly opens: number;
  /** Of the whole session's return. */
  readonly variance: number;
}

/** A stretch of a session, in units since midnight UTC. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The finest there is. */
export const UNIT_MS = 200;
const UNITS_IN_MINUTE = 60_000 / UNIT_MS;
/** Each is a whole number of the next: hours, quarters, fives, minutes, seconds, fifths of a second. */
const STEPS = [18_000, 4500, 1500, 300, 5, 1];

/** What of a day's variance happens before the session opens. */
const OVERNIGHT = { nyse: 0.25, always: 0.01 };

export function sessionOf(
  of: SimulatedSymbol,
  path: DailyPath,
  days: TradingDays,
  today: TradingDay,
  before: TradingDay,
): Session {
  const { day } = today;
  const [slot, slotBefore] = [days.slotOf(day), days.slotOf(before.day)];
  const keys: Keys = {
    market: hash(path.keys.market, day),
    sector: hash(path.keys.sector, day),
    own: hash(path.keys.own, day),
  };
  const step = mixer(keys, of);
  const midnight = day * DAY_MS;
  const opens = (today.opensAt - midnight) / UNIT_MS;
  const closes = (today.closesAt - midnight) / UNIT_MS;
  const dayVariance = path.variance(slot);
  const night = OVERNIGHT[days.hours];
  const [levelBefore, level] = [path.level(slotBefore), path.level(slot)];
  const gap = Math.sqrt(dayVariance * night * (1 - night)) * step(GAP, 0);
  const open = priceAt(of, levelBefore + (level - levelBefore) * night + gap);
  const close = priceAt(of, level);
  const variance = dayVariance * (1 - night);
  const swing = open * open * variance;
  const wildness = Math.sqrt(dayVariance / path.meanVariance);
  const volume = Math.round(of.dailyVolume * wildness * exp(0.25 * normal(hash(keys.own ^ VOLUME, 0))));
  const whole = {
    from: opens,
    to: closes,
    open,
    close,
    high: reached(of, open, close, swing, 1, exponential(hash(keys.own ^ HIGH, 0))),
    low: reached(of, open, close, swing, -1, exponential(hash(keys.own ^ LOW, 0))),
    volume,
  };
  const profile = profileFor(days.hours, (closes - opens) / UNITS_IN_MINUTE);
  return { whole, of, startsAt: midnight, keys, step, profile, opens, variance };
}

const [GAP, MIDDLE, VOLUME, HIGH, LOW, HIGH_AFTER, LOW_AFTER] = [0x41, 0x52, 0x63, 0x74, 0x85, 0x96, 0xa7];

export function dayBar({ whole, startsAt }: Session): Bar {
  const { open, high, low, close, volume } = whole;
  return { startsAt, open, high, low, close, volume: volume * MICRO };
}

const MICRO = 1_000_000;
/** Of what would be its part of the volume, when a stretch is cut in two. */
const LEAST_SHARE = 0.4;

/** The session's bars of so many milliseconds; exactly what folding finer ones would give. */
export function barsOf(session: Session, lengthMs: number): Bar[] {
  const size = lengthMs / UNIT_MS;
  const bars: Bar[] = [];
  take(session, session.whole, 0, size, (span) => bars.push(barOf(session, span, size)));
  return bars;
}

/** What happened between two moments: whole stretches as they are, and no finer than it must be at the two ends. */
export function happened(session: Session, fromMs: number, toMs: number): Bar | undefined {
  const from = Math.ceil((fromMs - session.startsAt) / UNIT_MS);
  const to = Math.floor((toMs - session.startsAt) / UNIT_MS);
  const parts: Bar[] = [];
  gather(session, session.whole, 0, from, to, (span) => parts.push(barOf(session, span, 1)));
  return fold(parts);
}

function gather(
  session: Session,
  span: Span,
  level: number,
  from: number,
  to: number,
  found: (span: Span) => void,
): void {
  if (span.to <= from || span.from >= to) return;
  if (span.from >= from && span.to <= to) return found(span);
  const halves = cut(session, span, level);
  if (halves === undefined) return;
  gather(session, halves.left, halves.level, from, to, found);
  gather(session, halves.right, halves.level, from, to, found);
}

function take(session: Session, span: Span, level: number, size: number, found: (span: Span) => void): void {
  if (fits(span, size)) return found(span);
  const halves = cut(session, span, level);
  if (halves === undefined) return;
  take(session, halves.left, halves.level, size, found);
  take(session, halves.right, halves.level, size, found);
}

/** Whether it lies within one step of the grid. */
function fits({ from, to }: Span, size: number): boolean {
  return Math.floor(from / size) === Math.floor((to - 1) / size);
}

function barOf({ startsAt }: Session, span: Span, size: number): Bar {
  const { open, high, low, close, volume } = span;
  const start = Math.floor(span.from / size) * size;
  return { startsAt: startsAt + start * UNIT_MS, open, high, low, close, volume: volume * MICRO };
}

/** In two at a boundary of the coarsest grid that has one inside; the finest there is stays whole. */
function cut(session: Session, span: Span, from: number): { left: Span; right: Span; level: number } | undefined {
  for (let level = from; level < STEPS.length; level += 1) {
    const size = STEPS[level] ?? 1;
    const first = Math.floor(span.from / size);
    const last = Math.ceil(span.to / size);
    if (last - first < 2) continue;
    const [left, right] = split(session, span, ((first + last) >> 1) * size);
    return { left, right, level };
  }
  return undefined;
}

/**
 * A stretch becomes two that give it again when they are folded: the price in the middle is a bridge's midpoint, one of
 * the two reaches the stretch's high and one its low, and the volume is shared out without remainder. The moment of the cut
 * names the random numbers, as no moment is cut at twice.
 */
function split(session: Session, span: Span, at: number): [Span, Span] {
  const { of, keys, step, profile, opens, variance } = session;
  const minutes = (unit: number): number => (unit - opens) / UNITS_IN_MINUTE;
  const before = activity(profile, minutes(span.from), minutes(at));
  const after = activity(profile, minutes(at), minutes(span.to));
  const part = before / (before + after);
  const { from, to, open, high, low, close, volume } = span;
  const square = open * open * variance;
  const bridge = open + (close - open) * part + Math.sqrt(square * before * (1 - part)) * step(MIDDLE, at);
  const middle = onGrid(of, reflected(bridge, low, high));

  const draw = (kind: number): number => exponential(hash(keys.own ^ kind, at));
  const highs = [
    reached(of, open, middle, square * before, 1, draw(HIGH)),
    reached(of, middle, close, square * after, 1, draw(HIGH_AFTER)),
  ] as const;
  const lows = [
    reached(of, open, middle, square * before, -1, draw(LOW)),
    reached(of, middle, close, square * after, -1, draw(LOW_AFTER)),
  ] as const;
  const highFirst = highs[0] >= highs[1];
  const lowFirst = lows[0] <= lows[1];
  const share = part * (1 + 0.5 * normal(hash(keys.own ^ VOLUME, at)));
  // Neither half goes without: cut again and again, one that got nothing would be an hour without a trade.
  const [least, most] = [part * LEAST_SHARE, 1 - (1 - part) * LEAST_SHARE];
  const volumeBefore = Math.floor(volume * Math.min(Math.max(share, least), most));
  return [
    {
      from,
      to: at,
      open,
      close: middle,
      high: highFirst ? high : Math.min(highs[0], high),
      low: lowFirst ? low : Math.max(lows[0], low),
      volume: volumeBefore,
    },
    {
      from: at,
      to,
      open: middle,
      close,
      high: highFirst ? Math.min(highs[1], high) : high,
      low: lowFirst ? Math.max(lows[1], low) : low,
      volume: volume - volumeBefore,
    },
  ];
}

/** How high (or low) a bridge between two prices gets, from an exponential variate: the maximum's exact law. */
function reached(of: SimulatedSymbol, a: number, b: number, square: number, sign: 1 | -1, draw: number): number {
  const extreme = (a + b + sign * Math.sqrt((b - a) * (b - a) + 2 * square * draw)) / 2;
  // No session loses more than three quarters, so nothing ever comes near zero.
  return sign > 0 ? Math.max(onGrid(of, extreme), a, b) : Math.min(onGrid(of, Math.max(extreme, a / 4)), a, b);
}

function reflected(price: number, low: number, high: number): number {
  const mirrored = price > high ? 2 * high - price : price < low ? 2 * low - price : price;
  return Math.min(Math.max(mirrored, low), high);
}
