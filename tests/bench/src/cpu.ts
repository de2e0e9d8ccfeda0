import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports in hundredths of a second, whatever the kernel's own clock. */
const TICK_US = 10_000;

/**
 * Processor time, user and system, in microseconds, of these processes and all that descend from them: a server's cost is
 * that of its database too. What a descendant spent that has ended counts with whoever waited for it.
 */
export function cpuOfProcesses(pids: readonly number[]): number {
  const processes = readProcesses();
  const children = Map.groupBy(processes.values(), ({ parent }) => parent);
  const counted = new Set<number>();
  const count = (pid: number): number => {
    const process = processes.get(pid);
    if (process === undefined || counted.has(pid)) return 0;
    counted.add(pid);
    return (children.get(pid) ?? []).reduce((sum, child) => sum + count(child.pid), process.cpuUs);
  };
  return pids.reduce((sum, pid) => sum + count(pid), 0);
}

interface ProcessTimes {
  pid: number;
  parent: number;
  cpuUs: number;
}

function readProcesses(): Map<number, ProcessTimes> {
  const processes = new Map<number, ProcessTimes>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const times = parseStat(readFileSync(`/proc/${entry}/stat`, 'utf8'));
      processes.set(times.pid, times);
    } catch {
      // It ended while we looked.
    }
  }
  return processes;
}

/** The name may contain spaces and brackets; what follows its last bracket does not. */
export function parseStat(stat: string): ProcessTimes {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // After pid and name: state, parent, … and from the twelfth on utime, stime, cutime, cstime.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid: Number.parseInt(stat, 10), parent: Number(fields[1]), cpuUs: ticks * TICK_US };
}
