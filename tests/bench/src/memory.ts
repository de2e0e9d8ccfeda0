import { readFileSync } from 'node:fs';

/** What a process has in memory, in MB. */
export function rssMb(pid: number): number {
  return megabytes(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')));
}

/** The same, of what several processes share the part of each. */
export function pssMb(pid: number): number {
  return megabytes(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')));
}

function megabytes(found: RegExpExecArray | null): number {
  return Number(found?.[1]) / 1024;
}
