import { setTimeout as pause } from 'node:timers/promises';
import type { Locks } from './locks.ts';
import type { Scope } from './run.ts';

/** Does something again and again, on one instance at a time; a failure is logged, and the next round tries again. */
export function startSweeper(
  scope: Scope,
  options: { name: string; locks: Locks; everyMs: number; sweep: (signal: AbortSignal) => Promise<unknown> },
): void {
  const { name, locks, everyMs, sweep } = options;
  const sweeping = locks.hold(`sweeper ${name}`, scope.signal, async ({ signal }) => {
    for (;;) {
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await sweep(signal);
    }
  });
  scope.defer(`sweeper ${name}`, () => sweeping);
}
