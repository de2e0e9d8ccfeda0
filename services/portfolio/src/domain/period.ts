/** The periods a history can be asked for, and how finely each is cut. Times are microseconds since 1970, UTC. */

export type Period = '1D' | '1W' | '1M' | '3M' | '1Y' | 'ALL';
export type Timeframe = '5Min' | '1H' | '1D' | '1W';

export type Span = {
  readonly from: bigint;
  readonly to: bigint;
  readonly stepUs: bigint;
  readonly timeframe: Timeframe;
  /** It reaches back to the account's opening, when there was nothing in it. */
  readonly fromOpening: boolean;
};

/** `openedAt` bounds it: there is no history from before the account. */
export function spanOf(period: Period, now: bigint, openedAt: bigint): Span {
  const { since, timeframe } = period === 'ALL' ? wholeLife(now, openedAt) : PERIODS[period];
  const start = since(now);
  const stepUs = STEPS[timeframe];
  const fromOpening = start <= openedAt;
  return { from: fromOpening ? openedAt : floor(start, stepUs), to: now, stepUs, timeframe, fromOpening };
}

/** The instant of the snapshot that a moment belongs to. */
export function snapshotAt(at: bigint, timeframe: Timeframe): bigint {
  return floor(at, STEPS[timeframe]);
}

const MINUTE = 60_000_000n;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

const STEPS: Record<Timeframe, bigint> = { '5Min': 5n * MINUTE, '1H': HOUR, '1D': DAY, '1W': 7n * DAY };

type Cut = { readonly since: (now: bigint) => bigint; readonly timeframe: Timeframe };

const PERIODS: Record<Exclude<Period, 'ALL'>, Cut> = {
  '1D': { since: (now) => now - DAY, timeframe: '5Min' },
  '1W': { since: (now) => now - 7n * DAY, timeframe: '1H' },
  '1M': { since: (now) => monthsBefore(now, 1), timeframe: '1D' },
  '3M': { since: (now) => monthsBefore(now, 3), timeframe: '1D' },
  '1Y': { since: (now) => monthsBefore(now, 12), timeframe: '1D' },
};

/** A young account is shown as finely as the period that just holds its life. */
const LIVES: readonly { upTo: bigint; timeframe: Timeframe }[] = [
  { upTo: DAY, timeframe: '5Min' },
  { upTo: 7n * DAY, timeframe: '1H' },
  { upTo: 2n * 366n * DAY, timeframe: '1D' },
];

function wholeLife(now: bigint, openedAt: bigint): Cut {
  const timeframe = LIVES.find(({ upTo }) => now - openedAt <= upTo)?.timeframe ?? '1W';
  return { since: () => openedAt, timeframe };
}

function floor(at: bigint, step: bigint): bigint {
  return at - (at % step);
}

/** The same day of an earlier month, or that month's last day where there is none such. */
function monthsBefore(now: bigint, months: number): bigint {
  const date = new Date(Number(now / 1000n));
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return BigInt(date.getTime()) * 1000n + (now % 1000n);
}
