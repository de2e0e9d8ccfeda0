import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { until } from './until.ts';

/**
 * The command line of a live process; undefined when there is none. A pid in a file says nothing by itself: after a crash the
 * number may belong to anyone, so nothing is signalled before its command line has been read.
 */
export function commandLine(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  if (existsSync('/proc/self/cmdline')) {
    try {
      // A zombie has an empty command line, and counts as gone.
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    } catch {
      return undefined;
    }
  }
  const ps = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return ps.stdout?.trim() || undefined;
}

export function isRunning(pid: number, marks: string[]): boolean {
  const line = commandLine(pid);
  return line !== undefined && marks.every((mark) => line.includes(mark));
}

/** Ends a process left by an earlier run, recognised by every one of `marks` in its command line; leaves all others alone. */
export async function endLeftover(pid: number, marks: string[], signal: NodeJS.Signals): Promise<void> {
  if (!isRunning(pid, marks)) return;
  const gone = () => (isRunning(pid, marks) ? undefined : true);
  for (const [attempt, graceMs] of [
    [signal, 5000],
    ['SIGKILL', 5000],
  ] as const) {
    try {
      process.kill(pid, attempt);
      await until(gone, { deadlineMs: graceMs, what: `Ending the leftover process ${pid}` });
      return;
    } catch (error) {
      if (gone()) return;
      if (attempt === 'SIGKILL') throw error;
    }
  }
}
