import { setTimeout as pause } from 'node:timers/promises';
import { printTable } from '@andvari/bench/table';
import { type BenchWorld, openBenchWorld } from './bench-world.ts';
import { type Driven, driveClosed, driveOpen, settled, type Trade, untilPriced, watchTrades } from './drive.ts';
import { NaivePath } from './naive-path.ts';
import { takenPerOrder, takenSoFar } from './what-it-takes.ts';

const ACCOUNTS = 1000;
const SYMBOLS = 50;
/** Two thousand orders a second that take a tenth of one each are two hundred at a time. */
const IN_FLIGHT = 192;
/** Where fewer come at a time, fewer share a transaction: the bad side of the same thing. */
const FEW_IN_FLIGHT = 64;

/**
 * The whole way of an order over real processes: GraphQL, the ladder, the reservation, the row, the engine, and back until the ledger
 * has it. 70 % trade at once, 20 % rest and are cancelled, 10 % rest and are replaced. Beside it, in the same run on the same
 * PostgreSQL and NATS, the same steps as one would write them first, without a network or a gateway before them.
 */
export async function run(options: { json: boolean; long: boolean }): Promise<Record<string, number>> {
  const seconds = options.long ? 60 : 8;
  const world = await openBenchWorld({ accounts: ACCOUNTS, symbols: SYMBOLS });
  try {
    const trades = watchTrades(world.nats);
    await untilPriced(world, trades);
    await driveClosed(world, trades, { inFlight: IN_FLIGHT, durationMs: 3000 });
    await settled(world, trades);

    const few = await measured(world, trades, { inFlight: FEW_IN_FLIGHT, durationMs: 4000 });
    const {
      driven: best,
      tail,
      taken,
    } = await measured(world, trades, { inFlight: IN_FLIGHT, durationMs: seconds * 1000 });
    const settledPerS = best.fills / ((best.durationMs + tail) / 1000);

    const rate = Math.round(best.perSecond * 0.6);
    const paced = await driveOpen(world, trades, { perSecond: rate, durationMs: seconds * 1000 });
    await settled(world, trades);
    const flood = await driveOpen(world, trades, { perSecond: Math.round(best.perSecond * 2), durationMs: 4000 });
    const tailAfterFlood = await settled(world, trades);
    const naive = await NaivePath.measure(world, { inFlight: IN_FLIGHT, durationMs: 3000 });
    const faults = await faultsOf(world, trades);

    printTable(
      ['load', 'orders/s', 'place p50 ms', 'place p99 ms', 'ack p99 ms', 'ledger p99 ms'],
      [
        row(`closed, ${FEW_IN_FLIGHT} in flight`, few.driven),
        row(`closed, ${IN_FLIGHT} in flight`, best),
        row(`open, ${rate}/s`, paced),
        row(`open, ${Math.round(best.perSecond * 2)}/s`, flood),
        ['naive', Math.round(naive), '', '', '', ''],
      ],
    );
    const names = Object.keys(taken.cpuUs);
    printTable(
      ['process', `CPU us an order, ${FEW_IN_FLIGHT} in flight`, `${IN_FLIGHT} in flight`],
      names.map((name) => [name, Math.round(few.taken.cpuUs[name] ?? 0), Math.round(taken.cpuUs[name] ?? 0)]),
    );
    const acceptedInFlood = flood.placed / (flood.durationMs / 1000);
    return {
      orders_per_s: Math.round(best.perSecond),
      settled_per_s: Math.round(settledPerS),
      place_p50_ms: tenth(paced.placeMs.percentile(0.5)),
      place_p99_ms: tenth(paced.placeMs.percentile(0.99)),
      ack_p99_ms: tenth(paced.ackMs.percentile(0.99)),
      ledger_p99_ms: tenth(paced.ledgerMs.percentile(0.99)),
      cpu_us_per_order: sum(taken.cpuUs),
      ...Object.fromEntries(Object.entries(taken.cpuUs).map(([name, us]) => [`cpu_us_${name}`, Math.round(us)])),
      few_per_s: Math.round(few.driven.perSecond),
      few_cpu_us_per_order: sum(few.taken.cpuUs),
      commits_per_order: hundredth(taken.counts.commits),
      syncs_per_order: hundredth(taken.counts.syncs),
      wal_bytes_per_order: Math.round(taken.counts.wal_bytes),
      messages_per_order: hundredth(taken.counts.messages),
      ratio_to_naive: Number((best.perSecond / naive).toFixed(2)),
      ...faults,
      shed_ok: acceptedInFlood >= best.perSecond * 0.9 && tailAfterFlood < 5000 ? 1 : 0,
      paced_per_s: rate,
      flood_accepted_per_s: Math.round(acceptedInFlood),
      flood_refused: flood.refused,
      tail_after_flood_ms: Math.round(tailAfterFlood),
      naive_per_s: Math.round(naive),
    };
  } finally {
    await world.close();
  }
}

function row(name: string, { perSecond, placeMs, ackMs, ledgerMs }: Driven): (string | number)[] {
  const shown = [placeMs.percentile(0.5), placeMs.percentile(0.99), ackMs.percentile(0.99), ledgerMs.percentile(0.99)];
  return [name, Math.round(perSecond), ...shown.map(tenth)];
}

/** So many in flight, until the ledger has the last of them; what was taken by then, and how long the last ones took. */
async function measured(
  world: BenchWorld,
  trades: ReturnType<typeof watchTrades>,
  limits: { inFlight: number; durationMs: number },
) {
  const before = await takenSoFar(world);
  const driven = await driveClosed(world, trades, limits);
  const endedAt = performance.now();
  // What is asked of the database here is not part of what is measured.
  while (trades.unsettled() > 0 && performance.now() - endedAt < 60_000) await pause(20);
  const tail = performance.now() - endedAt;
  const taken = takenPerOrder(before, await takenSoFar(world), driven.placed);
  await settled(world, trades);
  return { driven, tail, taken };
}

/** Orders that were answered and are not there, fills that were told twice, and what the ledger itself finds wrong. */
async function faultsOf(world: BenchWorld, trades: { known: ReadonlyMap<string, Trade> }) {
  const rows = await world.orders<{ id: string }[]>`select id from orders`;
  const there = new Set(rows.map(({ id }) => id));
  const lost = [...trades.known.keys()].filter((id) => !there.has(id)).length;
  const [twice] = await world.orders<{ n: number }[]>`
    select count(*)::int as n from (select from order_events where kind = 'fill' group by exec_id having count(*) > 1) as found`;
  const [unexpected] = await world.orders<{ n: number }[]>`select count(*)::int as n from unexpected_reports`;
  let drift = 0;
  for await (const { kind } of world.portfolio.verify({}, { timeoutMs: 60_000 })) {
    if (kind?.$case === 'summary') drift = Number(kind.value.findings);
    if (kind?.$case === 'finding') console.error('the ledger differs:', kind.value);
  }
  return { lost, doubled: twice?.n ?? 0, drift, unexpected_reports: unexpected?.n ?? 0 };
}

function sum(byName: Readonly<Record<string, number>>): number {
  return Math.round(Object.values(byName).reduce((all, each) => all + each, 0));
}

function hundredth(value: number): number {
  return Number(value.toFixed(2));
}

function tenth(value: number): number {
  return Number(value.toFixed(1));
}
