import { type Wakeable, wakeable } from '../base/wakeable.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Scope } from '../process/scope.ts';
import type { HeldLock, Locks } from './locks.ts';

/** A bell that was rung while its connection was away is not heard. */
const ASLEEP_MS = 15_000;

export type Job = {
  readonly name: string;
  readonly locks: Locks;
  readonly metrics: Metrics;
  readonly everyMs: number;
  /**
   * Answers `true` when there is more to do at once, and 'asleep' when there is nothing to come that its bell is not rung for: the next round may
   * then be far off. It may be broken off anywhere: `signal` asks it to stop.
   */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
  /** Rung, in this process or another, the next round comes early. */
  readonly bell?: Wakeable;
};

/** A periodic job, on one instance at a time, from the start on; what fails is logged, and the next round tries again. */
export function startJob(scope: Scope, { name, locks, metrics, everyMs, run, bell }: Job): void {
  const rounds = metrics.counter('job_rounds_total', 'Rounds that a job has ended', ['job']).labels({ job: name });
  const waiting = bell ?? wakeable();
  const work = async ({ signal }: HeldLock): Promise<void> => {
    while (!signal.aborted) {
      const more = await run(signal);
      rounds.inc();
      if (more !== true) await waiting.wait(more === 'asleep' ? Math.max(everyMs, ASLEEP_MS) : everyMs, signal);
    }
  };
  const working = locks.hold(`job ${name}`, scope.signal, work, bell);
  scope.defer(`job ${name}`, () => working);
}
