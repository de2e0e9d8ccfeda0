import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Part, readState, type Topology } from '@andvari/local/run-state';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { cpuOfProcesses } from './cpu.ts';
import { pssMb, rssMb } from './memory.ts';
import { printTable } from './table.ts';

/** What the start has left to do is over by then. */
const SETTLE_MS = 15_000;
const WATCH_MS = 30_000;

/** What the whole system takes while nobody asks it anything, in both topologies: the launcher's own, in a checkout that has nothing but services. */
export async function run(): Promise<Record<string, number>> {
  return { ...(await measure('processes')), ...(await measure('single')) };
}

async function measure(topology: Topology): Promise<Record<string, number>> {
  const root = mkdtempSync(join(tmpdir(), 'andvari-idle-'));
  chmodSync(root, 0o755);
  for (const folder of ['services', 'packages']) symlinkSync(join(checkoutRoot, folder), join(root, folder));
  const home = dataHome(root).path;
  const programs = join(dataHome(checkoutRoot).path, 'programs');
  mkdirSync(programs, { recursive: true });
  symlinkSync(programs, join(home, 'programs'));
  try {
    const up = () => launcher(root, 'up', '--detach', '--ports', 'free', '--topology', topology);
    // The first start compiles, and what compiles stays in memory: the second has it from the cache, as every later one.
    up();
    launcher(root, 'down');
    up();
    await pause(SETTLE_MS);
    return await watch(readState(home)?.parts ?? [], topology);
  } finally {
    launcher(root, 'down');
    for (const folder of [root, home])
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

async function watch(parts: readonly Part[], topology: Topology): Promise<Record<string, number>> {
  const before = parts.map(cpuUsOf);
  const startedAt = performance.now();
  await pause(WATCH_MS);
  const seconds = (performance.now() - startedAt) / 1000;
  const seen = parts.map((part, index) => ({
    ...part,
    percent: (cpuUsOf(part) - (before[index] ?? 0)) / seconds / 10_000,
    mb: part.pid === undefined ? 0 : rssMb(part.pid),
    // Node's own program is in the memory of each and in the machine's once.
    sharedOutMb: part.pid === undefined ? 0 : pssMb(part.pid),
  }));
  // All services of the topology `single` are one process.
  const processes = [...new Map(seen.map((part) => [part.pid, part])).values()];
  console.log(`\n${topology}`);
  printTable(
    ['part', '% of a core', 'RSS, MB', 'PSS, MB'],
    processes.map(({ name, kind, percent, mb, sharedOutMb }) => [
      topology === 'single' && kind === 'service' ? 'all services' : name,
      percent,
      mb,
      sharedOutMb,
    ]),
  );
  const services = processes.filter(({ kind }) => kind === 'service');
  return {
    [`${topology}_cpu_percent`]: sumOf(processes.map(({ percent }) => percent)),
    [`${topology}_services_cpu_percent`]: sumOf(services.map(({ percent }) => percent)),
    [`${topology}_services_rss_mb`]: sumOf(services.map(({ mb }) => mb)),
    [`${topology}_services_pss_mb`]: sumOf(services.map(({ sharedOutMb }) => sharedOutMb)),
  };
}

function cpuUsOf({ pid }: Part): number {
  return pid === undefined ? 0 : cpuOfProcesses([pid]);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Without what names servers that run already. */
function launcher(root: string, command: 'up' | 'down', ...words: string[]): void {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(POSTGRES|NATS|REDIS)_/.test(name)));
  const program = join(checkoutRoot, 'infra/local/src', `${command}.ts`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--root', root, ...words], {
    env,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}${stderr}`);
}
