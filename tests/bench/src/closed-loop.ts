import { Samples } from './samples.ts';

export interface Load {
  calls: number;
  seconds: number;
  perSecond: number;
  latencyMs: Samples;
}

/**
 * So many calls in flight, each followed by the next as soon as it is answered. Tells what a system can do; how long
 * callers wait who do not wait for each other it does not tell, for the loop slows down with the system.
 */
export async function closedLoop(
  limits: { inFlight: number; durationMs: number },
  call: () => Promise<unknown>,
): Promise<Load> {
  const latencyMs = new Samples();
  const startedAt = performance.now();
  const endsAt = startedAt + limits.durationMs;
  const caller = async (): Promise<void> => {
    for (let begun = performance.now(); begun < endsAt; ) {
      await call();
      const answered = performance.now();
      latencyMs.record(answered - begun);
      begun = answered;
    }
  };
  await Promise.all(Array.from({ length: limits.inFlight }, caller));
  const seconds = (performance.now() - startedAt) / 1000;
  return { calls: latencyMs.count, seconds, perSecond: latencyMs.count / seconds, latencyMs };
}
