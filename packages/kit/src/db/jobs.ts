import { type Wakeable, wakeable } from '../base/wakeable.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Scope } from '../process/scope.ts';
import type { Locks } from './locks.ts';

export type Job = {
  readonly name: string;
  readonly locks: Locks;
  readonly metrics: Metrics;
  readonly everyMs: number;
  /** Answers `true` when there is more to do at once. It may be broken off anywhere: `signal` asks it to stop. */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
  /** Rung, the next round comes early. */
  readonly bell?: Wakeable;
};

/** A periodic job, on one instance at a time, from the start on; what fails is logged, and the next round tries again. */
export function startJob(scope: Scope, { name, locks, metrics, everyMs, run, bell = wakeable() }: Job): void {
  const rounds = metrics.counter('job_rounds_total', 'Rounds that a job has ended', ['job']).labels({ job: name });
  const working = locks.hold(`job ${name}`, scope.signal, async ({ signal }) => {
    while (!signal.aborted) {
      const more = await run(signal);
      rounds.inc();
      if (more !== true) await bell.wait(everyMs, signal);
    }
  });
  scope.defer(`job ${name}`, () => working);
}
