import { randomUUID } from 'node:crypto';
import { closedLoop, type Load } from '@andvari/bench/closed-loop';
import { cpuOfProcesses } from '@andvari/bench/cpu';
import { printTable } from '@andvari/bench/table';
import { MICRO } from '@andvari/money';
import { Side } from '@andvari/proto/engine/v1/commands';
import { type BenchWorld, openBenchAccounts, openBenchWorld } from './bench-world.ts';
import { NaiveLedger } from './naive-ledger.ts';
import { type Order, PRICE, settleBacklog, settlePaced } from './settling.ts';

const IN_FLIGHT = 128;
const PACED_LEGS_PER_SECOND = 3000;

/**
 * The whole service as a process of its own, with PostgreSQL syncing every commit. Reservations are asked of its use case in that
 * process, and once more over gRPC by the load generator; reports come through the stream. Generator, stream and database share
 * the machine with it. Beside it, in the same run on the same PostgreSQL, a ledger that takes one row at a time, called directly.
 */
export async function run(options: { json: boolean; long: boolean }): Promise<Record<string, number>> {
  const seconds = options.long ? 15 : 4;
  const world = await openBenchWorld();
  const naive = await NaiveLedger.open(world.postgresUrl);
  try {
    const accounts = (await openBenchAccounts(world.db, 10_000)).map(({ id }) => id);
    const fills = options.long ? 20_000 : 6000;
    await reserving(world, accounts, 2, 0);
    const hot = await measureSpread(world, accounts.slice(0, 1), seconds, fills);
    const ten = await measureSpread(world, accounts.slice(1, 11), seconds / 2, fills);
    const wide = await measureSpread(world, accounts, seconds, fills);
    const paced = await settlePaced(
      world,
      (await reserving(world, accounts, seconds / 4, fills)).orders,
      PACED_LEGS_PER_SECOND,
    );
    const called = await calling(world, accounts, seconds);
    const plainHot = await measureNaive(naive, world, 1, seconds / 2);
    const plainWide = await measureNaive(naive, world, 10_000, seconds / 2);
    const drift = await driftOf(world);
    const rows = Object.entries({
      'one account': hot.reserved,
      '10 accounts': ten.reserved,
      '10,000 accounts': wide.reserved,
      '10,000 over gRPC': called,
      'naive, one account': plainHot.reserved,
      'naive, 10,000 accounts': plainWide.reserved,
    });
    printTable(
      ['reserve', '/s', 'p50 ms', 'p99 ms', 'CPU us each'],
      rows.map(([name, { perSecond, p50Ms, p99Ms, cpuUs }]) => [name, perSecond, p50Ms, p99Ms, cpuUs]),
    );
    const legs = Object.entries({
      'one account': hot.settled,
      '10 accounts': ten.settled,
      '10,000 accounts': wide.settled,
      [`10,000 accounts, paced at ${PACED_LEGS_PER_SECOND}/s`]: paced,
      'naive, one account': plainHot.settled,
      'naive, 10,000 accounts': plainWide.settled,
    });
    printTable(
      ['settle', 'legs/s', 'CPU us each'],
      legs.map(([name, { perSecond, cpuUs }]) => [name, perSecond, cpuUs]),
    );
    return {
      reserve_per_s: Math.round(wide.reserved.perSecond),
      settle_legs_per_s: Math.round(wide.settled.perSecond),
      hot_account_per_s: Math.round(hot.reserved.perSecond),
      ratio_to_naive: ratio(wide.reserved, plainWide.reserved),
      reserve_p99_ms: Number(wide.reserved.p99Ms.toFixed(1)),
      rss_mb: Math.round(world.memoryMb()),
      reserve_p50_ms: Number(wide.reserved.p50Ms.toFixed(1)),
      reserve_cpu_us: Math.round(wide.reserved.cpuUs),
      ten_accounts_per_s: Math.round(ten.reserved.perSecond),
      hot_account_p99_ms: Number(hot.reserved.p99Ms.toFixed(1)),
      hot_settle_legs_per_s: Math.round(hot.settled.perSecond),
      ten_settle_legs_per_s: Math.round(ten.settled.perSecond),
      settle_cpu_us: Math.round(wide.settled.cpuUs),
      paced_settle_legs_per_s: Math.round(paced.perSecond),
      paced_settle_cpu_us: Math.round(paced.cpuUs),
      grpc_reserve_per_s: Math.round(called.perSecond),
      grpc_reserve_cpu_us: Math.round(called.cpuUs),
      hot_ratio_to_naive: ratio(hot.reserved, plainHot.reserved),
      settle_ratio_to_naive: ratio(wide.settled, plainWide.settled),
      drift,
    };
  } finally {
    await naive.db.end({ timeout: 1 });
    await world.close();
  }
}

interface Measured {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Of the service and its database, not of the generator. */
  cpuUs: number;
}

async function measureSpread(world: BenchWorld, accountIds: readonly string[], seconds: number, fills: number) {
  const reserved = await reserving(world, accountIds, seconds, fills);
  return { reserved, settled: await settleBacklog(world, reserved.orders) };
}

async function reserving(world: BenchWorld, accountIds: readonly string[], seconds: number, keep: number) {
  const before = cpuOfProcesses(world.pids);
  const done = await world.reserve({ accountIds, inFlight: IN_FLIGHT, durationMs: seconds * 1000, keep });
  return { ...done, cpuUs: (cpuOfProcesses(world.pids) - before) / done.calls };
}

async function calling(world: BenchWorld, accountIds: readonly string[], seconds: number): Promise<Measured> {
  const before = cpuOfProcesses(world.pids);
  let next = 0;
  const load = await closedLoop({ inFlight: IN_FLIGHT, durationMs: seconds * 1000 }, () =>
    world.portfolio.reserve({
      orderId: randomUUID(),
      accountId: accountIds[next++ % accountIds.length] ?? '',
      asset: 'USD',
      amount: PRICE,
      symbol: 'AAPL',
      side: Side.SIDE_BUY,
      qty: MICRO,
    }),
  );
  return measuredOf(load, (cpuOfProcesses(world.pids) - before) / load.calls);
}

function measuredOf({ perSecond, latencyMs }: Load, cpuUs: number): Measured {
  return { perSecond, p50Ms: latencyMs.percentile(0.5), p99Ms: latencyMs.percentile(0.99), cpuUs };
}

async function measureNaive(naive: NaiveLedger, world: BenchWorld, count: number, seconds: number) {
  const accounts = await naive.openAccounts(count, 10n ** 15n);
  const measured = async (call: () => Promise<unknown>): Promise<Measured> => {
    // Of this process with all it has started, which the idle service is part of.
    const before = cpuOfProcesses([process.pid, world.postgresPid]);
    const load = await closedLoop({ inFlight: 10, durationMs: seconds * 1000 }, call);
    return measuredOf(load, (cpuOfProcesses([process.pid, world.postgresPid]) - before) / load.calls);
  };
  const orders: Order[] = [];
  let next = 0;
  const reserved = await measured(async () => {
    const order = [randomUUID(), accounts[next++ % accounts.length] ?? ''] as const;
    await naive.reserve(...order, PRICE);
    orders.push(order);
  });
  let filled = 0;
  const settled = await measured(async () => {
    const [orderId, accountId] = orders[filled++ % orders.length] ?? ['', ''];
    await naive.settle(randomUUID(), orderId, accountId, MICRO);
  });
  return { reserved, settled };
}

async function driftOf(world: BenchWorld): Promise<number> {
  for await (const { kind } of world.portfolio.verify({}, { timeoutMs: 60_000 })) {
    if (kind?.$case === 'summary') return Number(kind.value.findings);
  }
  return Number.NaN;
}

function ratio(ours: { perSecond: number }, theirs: { perSecond: number }): number {
  return Math.round((ours.perSecond / theirs.perSecond) * 100) / 100;
}
