/** Of a stretch of time: prices and volume are micro-units that a double holds exactly, times milliseconds. */
export interface Bar {
  readonly startsAt: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** What came first opens and what came last closes; undefined of nothing. */
export function fold(bars: Iterable<Bar>, startsAt?: number): Bar | undefined {
  let folded: { -readonly [K in keyof Bar]: Bar[K] } | undefined;
  for (const bar of bars) {
    if (folded === undefined) {
      folded = { ...bar, startsAt: startsAt ?? bar.startsAt };
      continue;
    }
    folded.high = Math.max(folded.high, bar.high);
    folded.low = Math.min(folded.low, bar.low);
    folded.close = bar.close;
    folded.volume += bar.volume;
  }
  return folded;
}

/** Bars in the order of time put together into longer ones. */
export function foldInto(bars: readonly Bar[], startOf: (startsAt: number) => number): Bar[] {
  const folded: Bar[] = [];
  for (let from = 0; from < bars.length; ) {
    const start = startOf(bars[from]?.startsAt ?? 0);
    let to = from + 1;
    while (to < bars.length && startOf(bars[to]?.startsAt ?? 0) === start) to += 1;
    const whole = fold(bars.slice(from, to), start);
    if (whole !== undefined) folded.push(whole);
    from = to;
  }
  return folded;
}

/**
 * The reference history with our own trades in it: the higher high, the lower low, the sum of volumes. The reference opens
 * and closes, so that a chart goes on where it left off; where it has no bar ours stands alone. Folding and merging may be
 * done in either order.
 */
export function merge(reference: readonly Bar[], venue: readonly Bar[]): Bar[] {
  const ours = new Map(venue.map((bar) => [bar.startsAt, bar]));
  const merged = reference.map((bar) => {
    const own = ours.get(bar.startsAt);
    if (own === undefined) return bar;
    ours.delete(bar.startsAt);
    const { startsAt, open, close } = bar;
    const high = Math.max(bar.high, own.high);
    return { startsAt, open, high, low: Math.min(bar.low, own.low), close, volume: bar.volume + own.volume };
  });
  if (ours.size === 0) return merged;
  return [...merged, ...ours.values()].toSorted((a, b) => a.startsAt - b.startsAt);
}
