import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { closedLoop, type Load } from '@andvari/bench/closed-loop';
import { cpuOfProcesses } from '@andvari/bench/cpu';
import { printTable } from '@andvari/bench/table';
import { newEvent } from '@andvari/kit/events';
import { publishInOrder } from '@andvari/kit/publish-in-order';
import { MICRO } from '@andvari/money';
import { Side } from '@andvari/proto/engine/v1/commands';
import { ExecType, ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { executionReport } from '@andvari/proto/events';
import type { ReserveRequest } from '@andvari/proto/portfolio/v1/portfolio';
import { type BenchAccount, type BenchWorld, openBenchAccounts, openBenchWorld } from './bench-world.ts';
import { NaiveLedger } from './naive-ledger.ts';

const HOUSE = '00000000-0000-7000-8000-00000000ac01';
const IN_FLIGHT = 128;
const PRICE = 10n * MICRO;

/**
 * Reservations over gRPC and reports through the stream, into the service as a process of its own, with PostgreSQL syncing every
 * commit; the load generator, the stream and the database share the machine with it. Beside it, in the same run on the same
 * PostgreSQL, a ledger that takes one row at a time, called directly: it is spared the network.
 */
export async function run(options: { json: boolean; long: boolean }): Promise<Record<string, number>> {
  const seconds = options.long ? 15 : 4;
  const world = await openBenchWorld();
  const naive = await NaiveLedger.open(world.postgresUrl);
  try {
    const accounts = await openBenchAccounts(world.db, 10_000);
    await reserving(world, accounts, 1);
    const spreads = [
      { name: 'one account', accounts: accounts.slice(0, 1) },
      { name: '10 accounts', accounts: accounts.slice(1, 11) },
      { name: '10,000 accounts', accounts },
    ];
    const reserved = [];
    for (const { name, accounts: over } of spreads) reserved.push({ name, ...(await reserving(world, over, seconds)) });
    const settled = [];
    for (const [index, { name }] of spreads.entries()) {
      const orders = reserved[index]?.orders.slice(0, options.long ? 20_000 : 6000) ?? [];
      settled.push({ name, ...(await settling(world, orders)) });
    }
    const plain = await measureNaive(naive, world, seconds / 2);
    printTable(
      ['reserve', '/s', 'p50 ms', 'p99 ms', 'CPU us each'],
      [...reserved, ...plain.reserved].map(({ name, load, cpuUs }) => [
        name,
        load.perSecond,
        load.latencyMs.percentile(0.5),
        load.latencyMs.percentile(0.99),
        cpuUs,
      ]),
    );
    printTable(
      ['settle', 'legs/s', 'CPU us each'],
      [...settled, ...plain.settled].map(({ name, perSecond, cpuUs }) => [name, perSecond, cpuUs]),
    );
    const [hot, ten, wide] = reserved;
    const [hotLegs, tenLegs, wideLegs] = settled;
    const [plainHot, plainWide] = plain.reserved;
    const [, plainWideLegs] = plain.settled;
    return {
      reserve_per_s: round(wide?.load.perSecond),
      settle_legs_per_s: round(wideLegs?.perSecond),
      hot_account_per_s: round(hot?.load.perSecond),
      ratio_to_naive: ratio(wide?.load.perSecond, plainWide?.load.perSecond),
      reserve_p99_ms: Number((wide?.load.latencyMs.percentile(0.99) ?? 0).toFixed(1)),
      rss_mb: round(world.memoryMb()),
      reserve_p50_ms: Number((wide?.load.latencyMs.percentile(0.5) ?? 0).toFixed(1)),
      reserve_cpu_us: round(wide?.cpuUs),
      ten_accounts_per_s: round(ten?.load.perSecond),
      hot_account_p99_ms: Number((hot?.load.latencyMs.percentile(0.99) ?? 0).toFixed(1)),
      hot_settle_legs_per_s: round(hotLegs?.perSecond),
      ten_settle_legs_per_s: round(tenLegs?.perSecond),
      settle_cpu_us: round(wideLegs?.cpuUs),
      hot_ratio_to_naive: ratio(hot?.load.perSecond, plainHot?.load.perSecond),
      settle_ratio_to_naive: ratio(wideLegs?.perSecond, plainWideLegs?.perSecond),
      drift: await driftOf(world),
    };
  } finally {
    await naive.db.end({ timeout: 1 });
    await world.close();
  }
}

async function reserving(world: BenchWorld, accounts: readonly BenchAccount[], seconds: number) {
  const orders: ReserveRequest[] = [];
  const before = cpuOfProcesses(world.pids);
  let next = 0;
  const load = await closedLoop({ inFlight: IN_FLIGHT, durationMs: seconds * 1000 }, async () => {
    const account = accounts[next++ % accounts.length] ?? { id: '' };
    const request: ReserveRequest = {
      orderId: randomUUID(),
      accountId: account.id,
      asset: 'USD',
      amount: PRICE,
      symbol: 'AAPL',
      side: Side.SIDE_BUY,
      qty: MICRO,
    };
    await world.portfolio.reserve(request);
    orders.push(request);
  });
  return { load, orders, cpuUs: (cpuOfProcesses(world.pids) - before) / load.calls };
}

/** Each order is filled by the house: two reports, two legs. The clock runs from the first publication to the last commit. */
async function settling(world: BenchWorld, orders: readonly ReserveRequest[]) {
  const events = orders.flatMap((order) => {
    const leg: ExecutionReport = {
      ...ExecutionReport.decode(new Uint8Array()),
      execId: randomUUID(),
      execType: ExecType.EXEC_TYPE_FILL,
      orderId: order.orderId,
      accountId: order.accountId,
      symbol: order.symbol,
      side: order.side,
      qty: order.qty,
      lastQty: order.qty,
      lastPx: PRICE,
      cumQty: order.qty,
      transactTimeUs: BigInt(Date.now()) * 1000n,
    };
    const other = { ...leg, execId: randomUUID(), orderId: randomUUID(), accountId: HOUSE, side: Side.SIDE_SELL };
    return [leg, other].map((message) =>
      newEvent(executionReport, message, {
        source: 'bench',
        id: message.execId,
        subject: { account_partition: 0, type: 'fill' },
      }),
    );
  });
  const { state } = await world.nats.jsm.streams.info('EXECUTIONS');
  const last = state.last_seq + events.length;
  const before = cpuOfProcesses(world.pids);
  const startedAt = performance.now();
  const publishing = (async () => {
    for (let first = 0; first < events.length; first += 500) {
      await publishInOrder(world.nats, events.slice(first, first + 500), world.scope.signal, world.scope.log);
    }
  })();
  for (let at = 0; at < last; ) {
    await pause(5);
    const [row] = await world.db<{ at: bigint }[]>`
      select stream_sequence as at from inbox_positions where consumer = 'portfolio-executions'`;
    at = Number(row?.at ?? 0n);
  }
  await publishing;
  const perSecond = (events.length * 1000) / (performance.now() - startedAt);
  return { perSecond, cpuUs: (cpuOfProcesses(world.pids) - before) / events.length };
}

async function measureNaive(naive: NaiveLedger, world: BenchWorld, seconds: number) {
  const accounts = await naive.openAccounts(10_000, 10n ** 15n);
  const pids = [process.pid, world.postgresPid];
  const measured = async (name: string, call: () => Promise<unknown>) => {
    const before = cpuOfProcesses(pids);
    const load: Load = await closedLoop({ inFlight: 10, durationMs: seconds * 1000 }, call);
    return { name, load, perSecond: load.perSecond, cpuUs: (cpuOfProcesses(pids) - before) / load.calls };
  };
  const reserved = [];
  const settled = [];
  for (const [name, over] of [
    ['naive, one account', accounts.slice(0, 1)],
    ['naive, 10,000 accounts', accounts],
  ] as const) {
    const orders: { orderId: string; accountId: string }[] = [];
    let next = 0;
    const load = await measured(name, async () => {
      const order = { orderId: randomUUID(), accountId: over[next++ % over.length] ?? '' };
      await naive.reserve(order.orderId, order.accountId, PRICE);
      orders.push(order);
    });
    reserved.push(load);
    let filled = 0;
    settled.push(
      await measured(name, async () => {
        const order = orders[filled++ % orders.length] ?? { orderId: '', accountId: '' };
        await naive.settle(randomUUID(), order.orderId, order.accountId, MICRO);
      }),
    );
  }
  return { reserved, settled };
}

async function driftOf(world: BenchWorld): Promise<number> {
  for await (const { kind } of world.portfolio.verify({}, { timeoutMs: 60_000 })) {
    if (kind?.$case === 'summary') return Number(kind.value.findings);
  }
  return Number.NaN;
}

function round(value: number | undefined): number {
  return Math.round(value ?? 0);
}

function ratio(ours: number | undefined, theirs: number | undefined): number {
  return Math.round(((ours ?? 0) / (theirs ?? 1)) * 100) / 100;
}
