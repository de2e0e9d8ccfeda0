import { setTimeout as pause } from 'node:timers/promises';
import { cpuOfProcesses } from '@andvari/bench/cpu';
import { rssMb } from '@andvari/bench/memory';
import { Samples } from '@andvari/bench/samples';
import { type Subscriber, subscribe, subscribeMany } from '../../gateway/test/many-subscribers.ts';
import { type BenchWorld, openBenchWorld } from './bench-world.ts';
import { driveOpen, settled, untilPriced, watchTrades } from './drive.ts';

const ACCOUNTS = 1000;
const SYMBOLS = 50;
const ORDERS_PER_S = 500;
/** Symbols that each stream of quotes is of. */
const WATCHED = 20;
/** Of how many streams of quotes every quote's age is read: reading all would take more than sending them. */
const CLOSE = 50;

/**
 * Two thousand event streams while orders flow: of each account what happens to its orders, and as many of quotes. One of
 * each kind does not read.
 */
export async function run({ long }: { long: boolean }): Promise<Record<string, number>> {
  const durationMs = long ? 60_000 : 15_000;
  const world = await openBenchWorld({ accounts: ACCOUNTS, symbols: SYMBOLS });
  const reportsOf = countReports(world);
  const trades = watchTrades(world.nats);
  let orders: Subscriber[] = [];
  let quotes: Subscriber[] = [];
  try {
    orders = await subscribeMany(ACCOUNTS, (at) => ofOrders(world, at));
    quotes = await subscribeMany(ACCOUNTS, (at) => ofQuotes(world, at));
    await untilPriced(world, trades);
    await driveOpen(world, trades, { perSecond: ORDERS_PER_S / 2, durationMs: 3000 });
    await settled(world, trades);

    for (const stalled of [orders[0], quotes[0]]) stalled?.pause();
    const gateway = world.pids['gateway'] ?? 0;
    const before = {
      cpuUs: cpuOfProcesses([gateway]),
      rss: rssMb(gateway),
      frames: heardBy([...orders, ...quotes]),
      ages: [orders, quotes].map((all) => all.map(({ ages }) => ages.length)),
    };
    const driven = await driveOpen(world, trades, { perSecond: ORDERS_PER_S, durationMs });
    await settled(world, trades);
    const frames = heardBy([...orders, ...quotes]) - before.frames;
    const [ofReports, ofTicks] = [orders, quotes].map((all, kind) => agesSince(all, before.ages[kind] ?? []));
    const cpuUs = cpuOfProcesses([gateway]) - before.cpuUs;
    const rssGrowth = rssMb(gateway) - before.rss;

    // Whoever stalled catches up or is told that it missed some; everybody else has been told of all.
    for (const stalled of [orders[0], quotes[0]]) stalled?.resume();
    await pause(1000);
    const missing = world.accounts.filter(
      ({ id }, at) => at > 0 && (orders[at]?.ages.length ?? 0) < reportsOf(id),
    ).length;
    return {
      streams: orders.length + quotes.length,
      orders_per_s: Math.round(driven.perSecond),
      refused: driven.refused,
      place_p99_ms: Math.round(driven.placeMs.percentile(0.99)),
      report_p50_ms: ofReports?.percentile(0.5) ?? 0,
      report_p99_ms: ofReports?.percentile(0.99) ?? 0,
      quote_p50_ms: ofTicks?.percentile(0.5) ?? 0,
      quote_p99_ms: ofTicks?.percentile(0.99) ?? 0,
      frames_per_s: Math.round(frames / (driven.durationMs / 1000)),
      gateway_cpu_percent: Math.round((cpuUs / 1000 / driven.durationMs) * 100),
      gateway_rss_growth_mb: Math.round(rssGrowth),
      accounts_told_too_little: missing,
    };
  } finally {
    for (const subscriber of [...orders, ...quotes]) subscriber.close();
    await world.close();
  }
}

function ofOrders(world: BenchWorld, at: number): Promise<Subscriber> {
  const { id, token } = accountAt(world, at);
  return subscribe(`http://127.0.0.1:${world.gatewayPort}`, {
    token,
    address: '127.0.0.1',
    query: `subscription { orderUpdates(accountId: "${id}") { ... on OrderMoved { orderId event occurredAt status } } }`,
    // Of what the engine says; what was only taken on has no event.
    times: /"event":"\w+","occurredAt":"([^"]+)"/g,
  });
}

function ofQuotes(world: BenchWorld, at: number): Promise<Subscriber> {
  const symbols = [...world.prices.keys()];
  const watched = Array.from({ length: WATCHED }, (_, next) => symbols[(at + next) % symbols.length]);
  return subscribe(`http://127.0.0.1:${world.gatewayPort}`, {
    token: accountAt(world, at).token,
    address: '127.0.0.1',
    query: `subscription { quotes(symbols: ${JSON.stringify(watched)}) { quotes { symbol last bid ask change asOf } } }`,
    times: at > 0 && at <= CLOSE ? /"asOf":"([^"]+)"/g : undefined,
  });
}

function accountAt({ accounts }: BenchWorld, at: number): BenchWorld['accounts'][number] {
  const account = accounts[at];
  if (account === undefined) throw new Error(`there is no account ${at}`);
  return account;
}

function heardBy(all: readonly Subscriber[]): number {
  return all.reduce((sum, { frames }) => sum + frames, 0);
}

/** How many reports the engine has made for an account. */
function countReports({ nats }: BenchWorld): (accountId: string) => number {
  const counts = new Map<string, number>();
  nats.connection.subscribe('exec.>', {
    callback: (_, { subject }) => {
      const accountId = subject.split('.')[2] ?? '';
      counts.set(accountId, (counts.get(accountId) ?? 0) + 1);
    },
  });
  return (accountId) => counts.get(accountId) ?? 0;
}

/** Of everybody but the one who does not read. */
function agesSince(all: readonly Subscriber[], before: readonly number[]): Samples {
  const samples = new Samples();
  for (const [at, { ages }] of all.entries()) {
    if (at > 0) for (const age of ages.slice(before[at])) samples.record(age);
  }
  return samples;
}
