import type { Locks } from '@andvari/kit/locks';
import type { Scope } from '@andvari/kit/run';
import { type Wakeable, wakeable } from '@andvari/kit/wakeable';

export type Job = {
  readonly name: string;
  readonly locks: Locks;
  readonly everyMs: number;
  /** True when there is more to do at once. It may be broken off anywhere: `signal` asks it to stop. */
  readonly run: (signal: AbortSignal) => Promise<boolean>;
  /** Rung, the next round comes early. */
  readonly bell?: Wakeable;
};

/** Does something again and again, on one instance at a time; what fails is logged, and the next round tries again. */
export function startJob(scope: Scope, { name, locks, everyMs, run, bell = wakeable() }: Job): void {
  const working = locks.hold(`job ${name}`, scope.signal, async ({ signal }) => {
    while (!signal.aborted) {
      const more = await run(signal);
      if (!more) await bell.wait(everyMs, signal);
    }
  });
  scope.defer(`job ${name}`, () => working);
}
