import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../base/backoff.ts';
import type { Scope } from './scope.ts';

/** Waits for something that the service needs, as long as it takes, and says so; ends only with the service. */
export async function untilAnswered<T>(scope: Scope, what: string, ask: () => PromiseLike<T>): Promise<T> {
  const startedAt = Date.now();
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await ask();
      if (attempt > 0)
        scope.log.info({ event: 'dependency_reached', waitedMs: Date.now() - startedAt }, `${what} answers`);
      return answer;
    } catch (error) {
      scope.signal.throwIfAborted();
      // The first refusal and then about every tenth is enough to read.
      if (attempt % 10 === 0)
        scope.log.warn(
          { event: 'dependency_awaited', err: error, waitedMs: Date.now() - startedAt },
          `waiting for ${what}`,
        );
      await pause(backoffMs(attempt, { firstMs: 100, maxMs: 1000, factor: 1.5 }), undefined, { signal: scope.signal });
    }
  }
}
