/** A wait that can be cut short. */
export interface Wakeable {
  ring(): void;
  /** True when it was rung, during the wait or since the last one. */
  wait(ms: number, signal: AbortSignal): Promise<boolean>;
  /** Is rung instead, while whoever would wait here waits in another process. */
  instead: (() => void) | undefined;
}

export function wakeable(): Wakeable {
  let rung = false;
  let wake: (() => void) | undefined;
  const bell: Wakeable = {
    instead: undefined,
    ring() {
      if (bell.instead !== undefined) return bell.instead();
      rung = true;
      wake?.();
    },
    async wait(ms, signal) {
      if (!rung && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const over = () => resolve();
        wake = over;
        const timer = setTimeout(over, togetherMs(ms, performance.now()));
        signal.addEventListener('abort', over, { once: true });
        await promise;
        clearTimeout(timer);
        signal.removeEventListener('abort', over);
        wake = undefined;
      }
      const answer = rung;
      rung = false;
      return answer;
    },
  };
  return bell;
}

const TOGETHER_MS = 500;

/**
 * Long waits of a process end in the same moments, at most a quarter of a second sooner or later than they would alone: what an idle
 * process does costs less than waking it.
 */
export function togetherMs(ms: number, nowMs: number): number {
  if (ms < 2 * TOGETHER_MS) return ms;
  return Math.ceil(Math.round((nowMs + ms) / TOGETHER_MS) * TOGETHER_MS - nowMs);
}
