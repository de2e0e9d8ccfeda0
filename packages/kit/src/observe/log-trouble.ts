import type { Log } from './log.ts';

const REMIND_EVERY_MS = 60_000;

export interface TroubleLog {
  failed(error: unknown, details?: Record<string, unknown>): void;
  /** Said once, if there was anything to recover from. */
  recovered(): void;
}

/**
 * A log of changes of state: the first failure is told whole, those after it once a minute by their count and without a
 * stack, and the recovery with how many there were. What fails several times a second would bury everything else. Where nobody
 * sees a recovery, a failure after `calmMs` without one is told as a first.
 */
export function logTrouble(
  log: Log,
  trouble: { event: string; message: string; level?: 'warn' | 'error'; calmMs?: number },
  now: () => number = Date.now,
): TroubleLog {
  const { event, message, level = 'warn', calmMs = Number.POSITIVE_INFINITY } = trouble;
  let since: number | undefined;
  let toldAt = 0;
  let failedAt = 0;
  let failures = 0;
  return {
    failed(error, details = {}) {
      if (now() - failedAt >= calmMs) since = undefined;
      if (since === undefined) failures = 0;
      failedAt = now();
      failures += 1;
      if (since === undefined) {
        since = toldAt = now();
        log[level]({ event, err: error, ...details }, message);
      } else if (now() - toldAt >= REMIND_EVERY_MS) {
        toldAt = now();
        const why = error instanceof Error ? error.message : String(error);
        log[level]({ event, why, failures, forMs: toldAt - since, ...details }, `${message}, still`);
      }
    },
    recovered() {
      if (since === undefined) return;
      log.info({ event: `${event}_over`, failures, forMs: now() - since }, `${message}: over`);
      since = undefined;
      failures = 0;
    },
  };
}
