import { onConnectionBack } from '../../api/connection.ts';
import { order } from '../../ui/number.ts';
import { barStart, type ChartFrame } from './timeframes.ts';

/** What is drawn, as it came: decimal strings, so that a table of it is exact. */
export interface Bar {
  /** Seconds. */
  time: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
}

export interface BarPage {
  /** The oldest first. */
  bars: readonly Bar[];
  /** Where older ones go on; null where there are none. */
  cursor: string | null;
}

export type AskBars = (wanted: {
  fromSeconds: number;
  first: number;
  after: string | null;
}) => Promise<BarPage | undefined>;

export type BarState = 'loading' | 'ready' | 'empty' | 'failed';

/** What has changed: everything since there was nothing, more than the last bar, or the last bar alone. */
export type BarChange = 'first' | 'many' | 'last';

export interface BarFeed {
  readonly bars: readonly Bar[];
  readonly state: BarState;
  subscribe: (listener: (change: BarChange | 'state') => void) => () => void;
  /** What is before the first one, as one scrolls back. */
  readOlder: () => void;
  /** Again from the last bars on: what was missed comes as well. */
  readNewest: () => void;
  /** A price of now: it moves the last bar, or begins the next. */
  tick: (last: string, atSeconds: number) => void;
  /** Reads, and goes on reading until the answer is called. */
  open: () => () => void;
}

export interface BarFeedOptions {
  frame: ChartFrame;
  ask: AskBars;
  /** Calls again and again until it is told to stop. */
  keepTrying: (again: () => void) => () => void;
  nowSeconds: () => number;
  later: (work: () => void, ms: number) => void;
}

const FIRST = 400;
const PAGE = 1000;
/** How far back a chart goes, in bars. */
const REACH = 5000;
/** A bar is whole on the server a moment after its end; not all readers ask in the same one. */
const WHOLE_AFTER_MS = [1500, 4000] as const;

/**
 * The bars of a chart: what a query brought, then what ticks. What could not be read is tried until it is; after a gap, and after
 * each bar that has ended, the last ones are read again, because quotes tell neither what was missed nor the volume.
 */
export function createBarFeed({ frame, ask, keepTrying, nowSeconds, later }: BarFeedOptions): BarFeed {
  let bars: readonly Bar[] = [];
  let state: BarState = 'loading';
  let cursor: string | null = null;
  let isClosed = true;
  let stopTrying: (() => void) | undefined;
  const reading = { newest: false, older: false };
  const listeners = new Set<(change: BarChange | 'state') => void>();
  const tell = (change: BarChange | 'state'): void => {
    for (const listener of listeners) listener(change);
  };
  const become = (next: BarState): void => {
    if (state === next) return;
    state = next;
    tell('state');
  };

  const readNewest = async (): Promise<void> => {
    if (reading.newest || isClosed) return;
    reading.newest = true;
    const known = bars.length;
    const found = known === 0 ? await readFirst() : await readSince(bars.at(-2)?.time ?? bars.at(-1)?.time ?? 0);
    reading.newest = false;
    if (isClosed) return;
    if (found === undefined) {
      if (bars.length === 0) become('failed');
      stopTrying ??= keepTrying(() => void readNewest());
      return;
    }
    stopTrying?.();
    stopTrying = undefined;
    bars = merged(bars, found);
    if (bars.length > 0) tell(known === 0 ? 'first' : 'many');
    become(bars.length === 0 ? 'empty' : 'ready');
  };
  let farthest = 0;
  const readFirst = async (): Promise<readonly Bar[] | undefined> => {
    const page = await ask({ fromSeconds: farthest, first: FIRST, after: null });
    if (page !== undefined) cursor = page.cursor;
    return page?.bars;
  };
  /** All of it or nothing: half of a gap would look like a chart. */
  const readSince = async (fromSeconds: number): Promise<readonly Bar[] | undefined> => {
    const found: Bar[] = [];
    let after: string | null = null;
    do {
      const page: BarPage | undefined = await ask({ fromSeconds, first: PAGE, after });
      if (page === undefined) return undefined;
      found.unshift(...page.bars);
      after = page.cursor;
    } while (after !== null && found.length < REACH);
    return found;
  };
  const readOlder = async (): Promise<void> => {
    if (reading.older || isClosed || cursor === null) return;
    reading.older = true;
    const page = await ask({ fromSeconds: farthest, first: PAGE, after: cursor });
    if (page !== undefined && !isClosed) {
      cursor = page.cursor;
      bars = merged(page.bars, bars);
      tell('many');
    }
    // Whoever goes on scrolling asks again, and not with every step of it.
    if (page === undefined) later(() => (reading.older = false), 2000);
    else reading.older = false;
  };
  const tick = (last: string, atSeconds: number): void => {
    if (state === 'loading' || state === 'failed') return;
    const before = bars.at(-1);
    const bar = ticked(before, last, atSeconds, frame);
    if (before !== undefined && isSame(before, bar)) return become('ready');
    bars = [...(bar.time === before?.time ? bars.slice(0, -1) : bars), bar];
    become('ready');
    tell(before === undefined ? 'first' : 'last');
    if (before === undefined || bar.time === before.time) return;
    const [soonest, latest] = WHOLE_AFTER_MS;
    later(() => void readNewest(), soonest + Math.random() * (latest - soonest));
  };

  const open = (): (() => void) => {
    isClosed = false;
    // Months go back further than time does, for a server that counts from 1970.
    farthest = Math.max(0, nowSeconds() - frame.seconds * REACH);
    const leave = onConnectionBack(() => void readNewest());
    void readNewest();
    return () => {
      isClosed = true;
      stopTrying?.();
      stopTrying = undefined;
      leave();
    };
  };
  return {
    get bars() {
      return bars;
    },
    get state() {
      return state;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    readOlder: () => void readOlder(),
    readNewest: () => void readNewest(),
    tick,
    open,
  };
}

/** Each moment once, in order; of two bars of one moment the later argument's counts. */
export function merged(left: readonly Bar[], right: readonly Bar[]): readonly Bar[] {
  const byTime = new Map([...left, ...right].map((bar) => [bar.time, bar]));
  return [...byTime.values()].toSorted((one, other) => one.time - other.time);
}

function ticked(before: Bar | undefined, last: string, atSeconds: number, frame: ChartFrame): Bar {
  const time = barStart(atSeconds, frame);
  // From a week on bars are of uneven length: the server alone begins the next.
  if (before === undefined || (time > before.time && frame.seconds <= DAY))
    return { time, open: last, high: last, low: last, close: last, volume: '0' };
  const high = order(last, before.high) > 0 ? last : before.high;
  const low = order(last, before.low) < 0 ? last : before.low;
  return { ...before, high, low, close: last };
}

/** Most quotes move the bid or the ask alone: nothing is drawn for those. */
const isSame = (one: Bar, other: Bar): boolean =>
  one.time === other.time && one.close === other.close && one.high === other.high && one.low === other.low;

const DAY = 86_400;
