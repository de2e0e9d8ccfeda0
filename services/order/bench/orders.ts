import { printTable } from '@andvari/bench/table';
import { openBenchWorld } from './bench-world.ts';
import { type Driven, driveClosed, driveOpen, settled, untilPriced, watchTrades } from './drive.ts';
import { faultsOf, measured } from './measured.ts';
import { NaivePath } from './naive-path.ts';

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
  const warmUpMs = options.long ? 20_000 : 3000;
  const world = await openBenchWorld({ accounts: ACCOUNTS, symbols: SYMBOLS });
  try {
    const trades = watchTrades(world.nats);
    await untilPriced(world, trades);
    // Code that is a quarter of a minute old costs an eighth less than it did at first; the short suite has no time for that.
    await driveClosed(world, trades, { inFlight: IN_FLIGHT, durationMs: warmUpMs });
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
      cpu_us_per_order: taken.cpuUsInAll,
      ...Object.fromEntries(Object.entries(taken.cpuUs).map(([name, us]) => [`cpu_us_${name}`, Math.round(us)])),
      few_per_s: Math.round(few.driven.perSecond),
      few_cpu_us_per_order: few.taken.cpuUsInAll,
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

function hundredth(value: number): number {
  return Number(value.toFixed(2));
}

function tenth(value: number): number {
  return Number(value.toFixed(1));
}
