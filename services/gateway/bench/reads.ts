import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuOfProcesses } from '@andvari/bench/cpu';
import { createDatabase, type ServiceProcess, startService } from '@andvari/bench/service-process';
import { printTable } from '@andvari/bench/table';
import { connectDb, transaction } from '@andvari/kit/db/db';
import { migrate } from '@andvari/kit/db/migrate';
import { kitMigrations } from '@andvari/kit/service/foundation';
import { startTestInfra, type TestInfra } from '@andvari/servers/test-infra';
import { madeUpInstruments } from '../../stock/bench/made-up-instruments.ts';
import { migrations } from '../../stock/src/main.ts';
import { insertMissing } from '../../stock/src/store/instruments.ts';
import { CALLER_KEY } from '../test/fake-service.ts';
import { load, loadMix, type Measured, type Operation, type Target } from './load.ts';
import type { BackendsReady, GatewayReady, Variant } from './messages.ts';
import { measureSubscribers } from './subscribers.ts';

const LISTED = 50_000;
/** Of the stock service in a second: then it has nothing left to do but to move prices. */
const IDLE_US = 100_000;
const COLD = 2000;
const CONNECTIONS = 64;
/** Those that move, and are in the gateway's memory. */
const LIVE = [
  'AAPL',
  'MSFT',
  'NVDA',
  'AMZN',
  'GOOGL',
  'META',
  'TSLA',
  'JPM',
  'V',
  'MA',
  'UNH',
  'HD',
  'KO',
  'PEP',
  'BA',
  'XOM',
];
const QUOTE =
  'query Quote($symbol: String!) { quote(symbol: $symbol) { symbol last bid ask change changeRatio volume asOf isStale } }';
const QUOTES =
  'query Quotes($symbols: [String!]!) { quotes(symbols: $symbols) { symbol last bid ask change changeRatio } }';
const INSTRUMENT =
  'query Instrument($symbol: String!) { instrument(symbol: $symbol) { symbol name exchange sector type currency tick lot fractionable } }';
const MONTH =
  'query Chart($symbol: String!) { bars(symbol: $symbol, period: MONTH, timeframe: DAY) { times open high low close volume } }';
const ME = '{ me { userId email givenName familyName } }';
const SEARCH =
  'query Search($query: String!) { searchInstruments(query: $query, first: 10) { nodes { symbol name } } }';
const SEARCHED = ['Z', 'ZBQ', 'north', 'granite', 'motor', 'robotics', 'sofwtare', 'harbr enrgy', '4711', 'apple'];

/**
 * What a page reads, through the gateway: quotes 3, an instrument 2, a batch of three quotes 1, a month of bars 1, `me` 1. Gateway, stock,
 * Redis, NATS and PostgreSQL are processes; who somebody is, is a stand-in. The peer is bare yoga over the same resolvers, which
 * asks the stock service for every quote.
 */
export async function run(options: { json: boolean; long: boolean }): Promise<Record<string, number>> {
  const seconds = options.long ? 20 : 5;
  const infra = await startTestInfra();
  const children: ChildProcess[] = [];
  let stock: ServiceProcess | undefined;
  try {
    const world = (await heard(start(children, 'backends.ts'))) as BackendsReady & { traceUrl: string };
    stock = await startStock(infra);
    const { address } = stock;
    const open = async (variant: Variant): Promise<Target> => {
      const { tokens, ...addresses } = world;
      const { natsUrl, redisUrl } = infra;
      const order = { ...addresses, stock: address, variant, natsUrl, redisUrl };
      const child = start(children, 'gateway-process.ts', JSON.stringify(order));
      const { port } = (await heard(child)) as GatewayReady;
      return { port, pid: child.pid ?? 0, tokens };
    };
    const gateway = await open('full');
    const idle = await idleCpuPerS(stock.pid);
    await loadMix(gateway, mixOf(LIVE), { connections: CONNECTIONS, requests: 20_000 });
    const rows: (string | number)[][] = [];
    const noted = (name: string, measured: Measured): Measured => {
      rows.push([name, ...shown(measured)]);
      return measured;
    };
    const at = { connections: CONNECTIONS, seconds };
    const short = { connections: CONNECTIONS, seconds: options.long ? 5 : 2 };
    const mixed = noted('mix', await loadMix(gateway, mixOf(LIVE), at));
    const quote = noted('quote', await loadMix(gateway, quotesOf(LIVE), short));
    const batch = noted('batch of three', await loadMix(gateway, batchesOf(LIVE), short));
    const instrument = noted('instrument', await loadMix(gateway, instrumentsOf(LIVE), short));
    const month = noted('month of bars', await loadMix(gateway, monthsOf(LIVE), short));
    const me = noted('me', await load(gateway, ME, short));
    const search = noted('search', await loadMix(gateway, searches(), { ...short, connections: 4 }));
    const subscribers = await measureSubscribers(gateway, infra.natsUrl, options.long ? 20 : 5);
    const bare = await open('bare');
    await loadMix(bare, mixOf(LIVE), { connections: CONNECTIONS, requests: 5000 });
    const peer = noted('mix, bare yoga', await loadMix(bare, mixOf(LIVE), short));
    // Known to the service and not yet to the gateway, each once: 16 at a time, so that the service has more to do than wait.
    const cold = madeUpInstruments(COLD).map(({ symbol }) => symbol);
    await loadMix(bare, quotesOf(cold), { connections: 16, requests: COLD });
    const uncached = noted(
      'quote, asked for',
      await loadMix(gateway, quotesOf(cold), { connections: 16, requests: COLD }),
    );
    printTable(['what', '/s', 'gateway us CPU', 'all us CPU', 'p50 ms', 'p99 ms'], rows);
    return {
      requests_per_s: Math.round(mixed.perSecond),
      p50_ms: mixed.p50Ms,
      p99_ms: mixed.p99Ms,
      cpu_us_per_request: rounded(mixed.cpuAllUs),
      search_p99_ms: search.p99Ms,
      gateway_cpu_us_per_request: rounded(mixed.cpuUs),
      quote_cpu_us: rounded(quote.cpuAllUs),
      batch_cpu_us: rounded(batch.cpuAllUs),
      instrument_cpu_us: rounded(instrument.cpuAllUs),
      month_cpu_us: rounded(month.cpuAllUs),
      me_cpu_us: rounded(me.cpuAllUs),
      uncached_quote_cpu_us: rounded(uncached.cpuAllUs),
      stock_idle_cpu_us_per_s: Math.round(idle),
      ...subscribers,
      ratio_to_bare: Number((mixed.perSecond / peer.perSecond).toFixed(2)),
      bare_cpu_us_per_request: rounded(peer.cpuAllUs),
    };
  } finally {
    for (const child of children) child.kill();
    await stock?.stop();
    await infra.stop();
  }
}

/** With 50,000 more listed, which nobody trades: they are searched, and cost nothing else. */
async function startStock(infra: TestInfra): Promise<ServiceProcess> {
  const url = await createDatabase(infra.postgresUrl, 'bench_stock');
  const db = connectDb(url, { maxConnections: 2, statementTimeoutMs: 60_000 });
  await migrate(db, [kitMigrations, migrations]);
  const all = madeUpInstruments(LISTED).map((one) => ({ ...one, tradable: false }));
  for (let from = 0; from < LISTED; from += 1000) {
    await transaction(db, (tx) => insertMissing(tx, all.slice(from, from + 1000)));
  }
  // Listed for long: what changed in the last seconds is read again and again.
  await db`update instruments set changed_at = changed_at - interval '1 hour'`;
  await db.end();
  return startService('stock', {
    POSTGRES_URL: url,
    NATS_URL: infra.natsUrl,
    REDIS_URL: infra.redisUrl,
    CALLER_KEY,
  });
}

/** A symbol after the other, so that a mix has all of them in each of its eight places. */
function mixOf(symbols: readonly string[]): Operation[] {
  const [quotes, instruments] = [quotesOf(symbols), instrumentsOf(symbols)];
  const [batches, months] = [batchesOf(symbols), monthsOf(symbols)];
  const count = symbols.length;
  return symbols.flatMap((_, at) => {
    const pick = (from: readonly Operation[], on: number): Operation[] =>
      from.slice((at + on) % count, ((at + on) % count) + 1);
    return [
      ...pick(quotes, 0),
      ...pick(instruments, 1),
      ...pick(quotes, 2),
      ...pick(batches, 3),
      { query: ME },
      ...pick(quotes, 4),
      ...pick(months, 5),
      ...pick(instruments, 6),
    ];
  });
}

const quotesOf = (symbols: readonly string[]): Operation[] =>
  symbols.map((symbol) => ({ query: QUOTE, variables: { symbol } }));
const instrumentsOf = (symbols: readonly string[]): Operation[] =>
  symbols.map((symbol) => ({ query: INSTRUMENT, variables: { symbol } }));
const batchesOf = (symbols: readonly string[]): Operation[] =>
  symbols.map((_, at) => ({
    query: QUOTES,
    variables: { symbols: [0, 1, 2].map((on) => symbols[(at + on) % symbols.length]) },
  }));
const monthsOf = (symbols: readonly string[]): Operation[] =>
  symbols.map((symbol) => ({ query: MONTH, variables: { symbol } }));
const searches = (): Operation[] => SEARCHED.map((query) => ({ query: SEARCH, variables: { query } }));

/** What all of it takes in a second in which nobody asks, once the engine has been told of all that is listed: prices that move. */
async function idleCpuPerS(pid: number): Promise<number> {
  let took = Number.POSITIVE_INFINITY;
  for (let tries = 0, before = cpuOfProcesses([pid]); tries < 60 && took > IDLE_US; tries += 1) {
    await pause(1000);
    const now = cpuOfProcesses([pid]);
    [took, before] = [now - before, now];
  }
  return took;
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

function shown({ perSecond, cpuUs, cpuAllUs, p50Ms, p99Ms }: Measured): number[] {
  return [Math.round(perSecond), cpuUs, cpuAllUs, p50Ms, p99Ms];
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}
