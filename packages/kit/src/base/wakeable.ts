/** A wait that can be cut short. */
export interface Wakeable {
  ring(): void;
  /** True when it was rung, during the wait or since the last one. */
  wait(ms: number, signal: AbortSignal): Promise<boolean>;
}

export function wakeable(): Wakeable {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(ms, signal) {
      if (!rung && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const over = () => resolve();
        wake = over;
        const timer = setTimeout(over, ms);
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
}
