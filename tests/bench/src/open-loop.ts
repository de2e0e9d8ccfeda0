import { setTimeout as pause } from 'node:timers/promises';
import { Samples } from './samples.ts';

export interface OpenLoad {
  calls: number;
  /** From when the call was due, not from when it got its turn: whoever waits behind a slow one is counted as waiting. */
  latencyMs: Samples;
}

/**
 * Calls at a steady rate, whether those before are answered or not, as callers come who do not wait for each other. A call
 * that fails fails the measurement.
 */
export async function openLoop(
  limits: { perSecond: number; durationMs: number },
  call: () => Promise<unknown>,
): Promise<OpenLoad> {
  const latencyMs = new Samples();
  const total = Math.round((limits.perSecond * limits.durationMs) / 1000);
  const startedAt = performance.now();
  const dueAt = (index: number): number => startedAt + (index * 1000) / limits.perSecond;
  const calls: Promise<void>[] = [];
  const failed = Promise.withResolvers<never>();
  while (calls.length < total) {
    while (calls.length < total && dueAt(calls.length) <= performance.now()) {
      const due = dueAt(calls.length);
      calls.push(call().then(() => latencyMs.record(performance.now() - due), failed.reject));
    }
    // What failed so far is told at once, not when the time is over.
    await Promise.race([pause(1), failed.promise]);
  }
  await Promise.race([Promise.all(calls), failed.promise]);
  return { calls: total, latencyMs };
}
