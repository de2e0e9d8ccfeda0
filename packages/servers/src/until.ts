import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until `attempt` gives a value, and fails with what `what` says at the deadline. */
export async function until<T>(
  attempt: () => Promise<T | undefined> | T | undefined,
  options: { deadlineMs: number; everyMs?: number; what: string | (() => string) },
): Promise<T> {
  const end = performance.now() + options.deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await attempt();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error;
    }
    if (performance.now() >= end) {
      const what = typeof options.what === 'string' ? options.what : options.what();
      throw new Error(`${what}: no success within ${options.deadlineMs / 1000} s`, { cause: last });
    }
    await pause(options.everyMs ?? 25);
  }
}

/** Thrown inside an attempt when asking again cannot help. */
export class Hopeless extends Error {}
