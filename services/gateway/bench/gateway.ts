import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rssMb } from '@andvari/bench/memory';
import { median } from '@andvari/bench/samples';
import { printTable } from '@andvari/bench/table';
import { startTestInfra } from '@andvari/servers/test-infra';
import { load, type Measured, type Target } from './load.ts';
import { measureLogins } from './logins.ts';
import type { BackendsReady, GatewayReady, Variant } from './messages.ts';

const ME = '{ me { userId email givenName familyName } }';
/** Three services, and below their rows the users they speak of, all in one more call. */
const TWO_LEVELS = `{
  me { givenName email }
  sessions(first: 20) { nodes { id userAgent createdAt user { givenName } } }
  grants(first: 20) { nodes { id role grantedAt user { givenName } } }
}`;
const CONNECTIONS = [1, 16, 64];
/** Until the code is compiled as well as it ever is. */
const WARM_UP = { connections: 64, requests: 7000 };
const PARTS = ['no_auth', 'no_limits', 'no_metrics', 'tracing'] as const;
/** Of one turn when two gateways are held against each other. */
const TURN = { connections: 16, requests: 2000 };

/** What a request costs at the gateway: beside yoga without our plugins, and what each of our parts adds. */
export async function run(options: { json: boolean; long: boolean }): Promise<Record<string, number>> {
  // Whole seconds, as autocannon counts.
  const seconds = options.long ? 10 : 1;
  const rounds = options.long ? 9 : 2;
  const infra = await startTestInfra();
  const children: ChildProcess[] = [];
  try {
    const backends = start(children, 'backends.ts');
    const world = (await heard(backends)) as BackendsReady & { traceUrl: string };
    const openGateway = async (variant: Variant, auth = world.auth): Promise<{ port: number; pid: number }> => {
      const { tokens: _, ...addresses } = world;
      const order = { ...addresses, auth, variant, natsUrl: infra.natsUrl, redisUrl: infra.redisUrl };
      const child = start(children, 'gateway-process.ts', JSON.stringify(order));
      const { port } = (await heard(child)) as GatewayReady;
      return { port, pid: child.pid ?? 0 };
    };
    const open = async (variant: Variant): Promise<Target> => {
      const target = { ...(await openGateway(variant)), tokens: world.tokens };
      await load(target, ME, WARM_UP);
      if (variant === 'full' || variant === 'bare') await load(target, TWO_LEVELS, { connections: 64, requests: 3000 });
      return target;
    };

    const full = await open('full');
    const rows: (string | number)[][] = [];
    const at = async (target: Target, name: string, query: string, connections: number): Promise<Measured> => {
      const measured = await load(target, query, { connections, seconds });
      const { perSecond, cpuUs, cpuAllUs, p50Ms, p99Ms } = measured;
      rows.push([name, connections, perSecond, cpuUs, cpuAllUs, p50Ms, p99Ms]);
      return measured;
    };
    for (const connections of CONNECTIONS) await at(full, 'me', ME, connections);
    // The one with a bar gets the time to be measured well.
    const widest = await load(full, ME, { connections: 64, seconds: seconds * 4 });
    const twoLevels: Measured[] = [];
    for (const connections of CONNECTIONS) twoLevels.push(await at(full, 'two levels', TWO_LEVELS, connections));

    const bare = await open('bare');
    const bareMe = await at(bare, 'me, bare yoga', ME, 64);
    const bareTwoLevels = await at(bare, 'two levels, bare yoga', TWO_LEVELS, 64);
    // In turns, so that a neighbour on the machine takes his share from both.
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ours = await load(full, ME, { connections: 64, seconds: 1 });
      const theirs = await load(bare, ME, { connections: 64, seconds: 1 });
      ratios.push(ours.perSecond / theirs.perSecond);
    }

    // One that has seen no other query, like those it is held against: what was compiled for many is slower.
    const plain = await open('full');
    const costs = await costsOf(plain, await Promise.all(PARTS.map(open)), options.long ? 9 : 2);

    const logins = await measureLogins({
      infra,
      startGateway: async (auth) => (await openGateway('full', auth)).port,
      rounds: options.long ? 11 : 3,
      roundMs: options.long ? 4000 : 1500,
    });

    const requests = options.long ? 1_000_000 : 10_000;
    // A heap takes its size in its first minute; what grows after that does not stop.
    await load(plain, ME, { connections: 64, requests: requests / 5 });
    const before = rssMb(plain.pid);
    await load(plain, ME, { connections: 64, requests });
    const grownMb = rssMb(plain.pid) - before;

    printTable(['query', 'connections', '/s', 'gateway us CPU', 'all us CPU', 'p50 ms', 'p99 ms'], rows);
    return {
      me_per_s: Math.round(widest.perSecond),
      me_cpu_us: rounded(widest.cpuUs),
      me_cpu_all_us: rounded(widest.cpuAllUs),
      me_p99_ms: rounded(widest.p99Ms),
      ratio_to_bare: Number(median(ratios).toFixed(2)),
      bare_me_cpu_us: rounded(bareMe.cpuUs),
      two_levels_per_s: Math.round(twoLevels[2]?.perSecond ?? 0),
      two_levels_cpu_us: rounded(twoLevels[2]?.cpuUs),
      two_levels_p99_ms: rounded(twoLevels[2]?.p99Ms),
      bare_two_levels_cpu_us: rounded(bareTwoLevels.cpuUs),
      ...costs,
      ...logins,
      rss_growth_mb: rounded(grownMb),
      rss_over_requests: requests,
    };
  } finally {
    for (const child of children) child.kill();
    await infra.stop();
  }
}

/** What each part adds to a request: all take turns, so a neighbour on the machine takes his share from all. */
async function costsOf(plain: Target, others: readonly Target[], rounds: number): Promise<Record<string, number>> {
  const turns: number[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { cpuUs } = await load(plain, ME, TURN);
    const differences: number[] = [];
    for (const other of others) differences.push(cpuUs - (await load(other, ME, TURN)).cpuUs);
    turns.push(differences);
  }
  return Object.fromEntries(
    PARTS.map((part, at) => {
      const difference = median(turns.map((differences) => differences[at] ?? Number.NaN));
      // The others lack a part; this one has it in addition.
      return [`${part.replace('no_', '')}_costs_us`, rounded(part === 'tracing' ? -difference : difference)];
    }),
  );
}

function start(children: ChildProcess[], file: string, ...args: string[]): ChildProcess {
  const child = fork(`${import.meta.dirname}/${file}`, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  return child;
}

async function heard(child: ChildProcess): Promise<unknown> {
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('a process of the benchmark ended'))),
  ])) as [unknown];
  return message;
}

function rounded(value: number | undefined): number {
  return Number((value ?? Number.NaN).toFixed(1));
}
