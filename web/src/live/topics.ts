/**
 * What ticks. A topic holds the newest value; between two flushes the newest wins. Quotes are shown at most ten times a second,
 * because nobody reads faster and every frame that is painted costs; the book comes with the next frame. Quotes are written before
 * a frame and not within it: the chart, which asks for a frame of its own to draw in, gets the same one.
 */
export interface Topic<T> {
  readonly value: T | undefined;
  subscribe: (listener: () => void) => () => void;
}

export type Pace = 'calm' | 'frame';

export interface Topics {
  topic: <T>(key: string) => Topic<T>;
  publish: (key: string, value: unknown, pace: Pace) => void;
}

export interface Clock {
  now: () => number;
  later: (work: () => void, ms: number) => void;
  /** When what runs now has ended, before anything is painted. */
  soon: (work: () => void) => void;
  nextFrame: (work: () => void) => void;
}

const CALM_MS = 100;

export function createTopics(clock: Clock): Topics {
  const values = new Map<string, unknown>();
  const made = new Map<string, Topic<unknown>>();
  const listeners = new Map<string, Set<() => void>>();
  const changed: Record<Pace, Set<string>> = { calm: new Set(), frame: new Set() };
  const isPlanned: Record<Pace, boolean> = { calm: false, frame: false };
  let flushedAt = Number.NEGATIVE_INFINITY;

  const flush = (pace: Pace): void => {
    isPlanned[pace] = false;
    if (pace === 'calm') flushedAt = clock.now();
    const keys = [...changed[pace]];
    changed[pace].clear();
    for (const key of keys) for (const listener of listeners.get(key) ?? []) listener();
  };

  const plan = (pace: Pace): void => {
    if (isPlanned[pace]) return;
    isPlanned[pace] = true;
    if (pace === 'frame') return clock.nextFrame(() => flush(pace));
    const wait = Math.max(0, flushedAt + CALM_MS - clock.now());
    if (wait === 0) clock.soon(() => flush(pace));
    else clock.later(() => flush(pace), wait);
  };

  const make = (key: string): Topic<unknown> => ({
    get value() {
      return values.get(key);
    },
    subscribe: (listener) => {
      const all = listeners.get(key) ?? new Set();
      listeners.set(key, all);
      all.add(listener);
      return () => {
        all.delete(listener);
        if (all.size === 0) listeners.delete(key);
      };
    },
  });

  return {
    topic: <T>(key: string): Topic<T> => {
      let found = made.get(key);
      if (found === undefined) made.set(key, (found = make(key)));
      return found as Topic<T>;
    },
    publish: (key, value, pace) => {
      values.set(key, value);
      if (!listeners.has(key)) return;
      changed[pace].add(key);
      plan(pace);
    },
  };
}

export const topics: Topics = createTopics({
  now: () => performance.now(),
  later: (work, ms) => void setTimeout(work, ms),
  soon: (work) => queueMicrotask(work),
  nextFrame: (work) => void requestAnimationFrame(work),
});
