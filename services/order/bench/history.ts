import { printTable } from '@andvari/bench/table';
import { openBenchWorld, type Past } from './bench-world.ts';
import { driveClosed, driveOpen, settled, untilPriced, watchTrades } from './drive.ts';
import { faultsOf, measured } from './measured.ts';

const IN_FLIGHT = 192;
const WARM_UP_MS = 4000;
const VERIFY_WITHIN_MS = 45 * 60_000;

/**
 * Whether an order costs more where many have been: the load of the suite `orders` on a system of empty tables, and on one with the past in
 * them, one after the other, beside the verification that a ledger begins with. With --long that are five million orders and twenty million
 * entries of the ledger, which take a quarter of an hour to fill in.
 */
export async function run(options: { json: boolean; long: boolean }): Promise<Record<string, number>> {
  const past: Past = options.long ? { orders: 5_000_000, entries: 20_000_000 } : { orders: 100_000, entries: 400_000 };
  const durationMs = options.long ? 20_000 : 6000;
  const fresh = await measureOn(undefined, durationMs);
  const grown = await measureOn(past, durationMs);
  printTable(
    ['CPU us an order of', 'fresh', 'grown'],
    Object.keys(fresh.cpuUs).map((name) => [
      name,
      Math.round(fresh.cpuUs[name] ?? 0),
      Math.round(grown.cpuUs[name] ?? 0),
    ]),
  );
  return {
    past_orders: past.orders,
    past_entries: past.entries,
    fill_s: Math.round(grown.openedInMs / 1000),
    ...named('fresh', fresh.figures),
    ...named('grown', grown.figures),
    cpu_ratio: Number((grown.figures.cpu_us_per_order / fresh.figures.cpu_us_per_order).toFixed(3)),
    ...grown.faults,
  };
}

async function measureOn(past: Past | undefined, durationMs: number) {
  const startedAt = performance.now();
  const world = await openBenchWorld({ accounts: 1000, symbols: 50, past });
  try {
    const openedInMs = performance.now() - startedAt;
    const trades = watchTrades(world.nats);
    await untilPriced(world, trades);
    await driveClosed(world, trades, { inFlight: IN_FLIGHT, durationMs: WARM_UP_MS });
    await settled(world, trades);
    const { driven, taken } = await measured(world, trades, { inFlight: IN_FLIGHT, durationMs });
    const paced = await driveOpen(world, trades, { perSecond: Math.round(driven.perSecond * 0.6), durationMs });
    await settled(world, trades);
    return {
      openedInMs,
      cpuUs: taken.cpuUs,
      figures: {
        orders_per_s: Math.round(driven.perSecond),
        cpu_us_per_order: taken.cpuUsInAll,
        wal_bytes_per_order: Math.round(taken.counts.wal_bytes),
        place_p99_ms: Math.round(paced.placeMs.percentile(0.99)),
        ledger_p99_ms: Math.round(paced.ledgerMs.percentile(0.99)),
      },
      faults: await faultsOf(world, trades, VERIFY_WITHIN_MS),
    };
  } finally {
    await world.close();
  }
}

function named(prefix: string, figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${prefix}_${name}`, value]));
}
