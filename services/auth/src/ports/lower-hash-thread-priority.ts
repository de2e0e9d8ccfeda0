import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const TASKS = '/proc/self/task';
/** A tenth of the processor's time where everybody wants it, all of it where nobody does. */
const NICENESS = 10;

/**
 * Lets libuv's threads, which hash passwords, go behind whatever else wants the processor: people who sign in wait for
 * their own sign-in, and not everybody else with them. Node has no hold of its threads, but Linux lists them by name.
 * Elsewhere, and before their first work, there are none to be found. Returns how many were.
 */
export function lowerHashThreadPriority(): number {
  const threads = workers();
  for (const thread of threads) setPriority(thread, NICENESS);
  return threads.length;
}

function workers(): number[] {
  try {
    return readdirSync(TASKS)
      .filter((thread) => readFileSync(`${TASKS}/${thread}/comm`, 'utf8').startsWith('libuv-worker'))
      .map(Number);
  } catch {
    return [];
  }
}
