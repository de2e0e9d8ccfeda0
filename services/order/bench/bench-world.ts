import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type ServiceProcess, startService } from '@andvari/bench/service-process';
import { services } from '@andvari/deploy/services';
import { Secret } from '@andvari/kit/base/config';
import { connectDb } from '@andvari/kit/db/db';
import { migrate } from '@andvari/kit/db/migrate';
import type { Db } from '@andvari/kit/db/types';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { openLog } from '@andvari/kit/observe/log';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { Scope } from '@andvari/kit/process/scope';
import { connectRpc, type RpcClient } from '@andvari/kit/rpc/client';
import { kitMigrations } from '@andvari/kit/service/foundation';
import { heapFlags } from '@andvari/local/service-environment';
import { AccountKind, PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { Quote } from '@andvari/proto/stock/v1/stock';
import { dataHome } from '@andvari/servers/data-home';
import { startNats } from '@andvari/servers/nats';
import { ownPort } from '@andvari/servers/own-port';
import { startPostgres } from '@andvari/servers/postgres';
import { requirePrograms } from '@andvari/servers/programs';
import { startRedis } from '@andvari/servers/redis';
import { CALLER_KEY, userIdOf } from '../../gateway/test/fake-service.ts';
import { fillLedger } from '../../portfolio/bench/large-ledger.ts';
import { migrations as ofLedger } from '../../portfolio/src/main.ts';
import { migrations as ofOrders } from '../src/main.ts';
import { fillOrders } from './past-orders.ts';

const MICRO = 1_000_000n;

export interface BenchAccount {
  readonly id: string;
  readonly symbol: string;
  readonly token: string;
}

export interface Past {
  readonly orders: number;
  readonly entries: number;
}

export interface BenchWorld {
  readonly gatewayPort: number;
  readonly postgresUrl: string;
  readonly orders: Db;
  readonly nats: Nats;
  readonly scope: Scope;
  readonly portfolio: RpcClient<typeof PortfolioServiceService>;
  readonly accounts: readonly BenchAccount[];
  /** In whole units, about: where an order rests. */
  readonly prices: ReadonlyMap<string, number>;
  /** Every process of the system, by name; the databases and streams among them. */
  readonly pids: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/**
 * The system as it runs: gateway, order, portfolio, engine and stock as processes on a PostgreSQL that syncs every commit, with
 * NATS and Redis. Only who somebody is, is a stand-in: signing a thousand people up would measure something else.
 */
export async function openBenchWorld(wanted: {
  accounts: number;
  symbols: number;
  /** Where each service is to leave a CPU profile when it ends; the database then counts its statements as well. */
  profiles?: string | undefined;
  /** What lies in the tables before the first order. */
  past?: Past | undefined;
}): Promise<BenchWorld> {
  const programs = await requirePrograms({ home: dataHome().path });
  const folder = mkdtempSync(join(tmpdir(), 'andvari-orders-'));
  chmodSync(folder, 0o711);
  const { profiles, past } = wanted;
  const [postgres, natsServer, redis] = await Promise.all([
    startPostgres({
      program: programs.postgres,
      dataDir: join(folder, 'postgres'),
      settings: {
        ...(profiles === undefined ? {} : { shared_preload_libraries: 'pg_stat_statements' }),
        ...(past === undefined ? {} : { max_wal_size: '8GB' }),
      },
    }),
    startNats({ program: programs.nats, dataDir: join(folder, 'nats'), sync: false }),
    startRedis({ program: programs.redis, dataDir: join(folder, 'redis') }),
  ]);
  const scope = new Scope(openLog('bench', 'warn'));
  const people = await startPeople();
  const running: Record<string, ServiceProcess> = {};
  const addresses = (): Record<string, string> =>
    Object.fromEntries(Object.entries(running).map(([name, { address }]) => [`${name.toUpperCase()}_ADDR`, address]));
  // The ledger's sweeper calls the order service, which calls the ledger: one of them is told before the other is there.
  const orderPort = await ownPort();
  const run = async (name: string, env: Record<string, string> = {}): Promise<void> => {
    const service = services.find((each) => each.name === name);
    const flags = service?.heap === undefined ? [] : heapFlags(service.heap);
    if (profiles !== undefined)
      flags.push('--cpu-prof', `--cpu-prof-name=${name}.cpuprofile`, `--cpu-prof-dir=${profiles}`);
    const database = service?.database === undefined ? undefined : await createDatabase(postgres.url, service.database);
    if (database !== undefined && past !== undefined) await fill(name, database, past);
    running[name] = await startService(name, {
      NATS_URL: natsServer.url,
      REDIS_URL: redis.url,
      CALLER_KEY: CALLER_KEY,
      ...(database === undefined ? {} : { POSTGRES_URL: database }),
      ...(flags.length === 0 ? {} : { NODE_OPTIONS: flags.join(' ') }),
      ...addresses(),
      ...env,
    });
  };
  await run('stock');
  await run('engine', { REFERENCE_PRICES: 'market' });
  await run('portfolio', { ORDER_ADDR: `127.0.0.1:${orderPort}` });
  await run('order', { GRPC_PORT: String(orderPort) });
  const httpPort = await ownPort();
  await run('gateway', {
    HTTP_PORT: String(httpPort),
    ORDER_ADDR: `127.0.0.1:${orderPort}`,
    AUTH_ADDR: people.auth,
    SECURITY_ADDR: people.security,
    USER_ADDR: people.user,
    LIMIT_PER_USER: '100000000',
    LIMIT_PER_ADDRESS: '100000000',
    MAX_CONNECTIONS_PER_ADDRESS: '100000',
  });
  const portfolio = connectRpc(scope, PortfolioServiceService, {
    address: running['portfolio']?.address ?? '',
    service: 'bench',
    callerKey: new Secret(CALLER_KEY),
    metrics: openMetrics('bench', { runtime: false }),
    idempotent: ['openAccount', 'adjust', 'listHoldings'],
    timeoutMs: 30_000,
  });
  const orderUrl = new URL(postgres.url);
  orderUrl.pathname = '/order_db';
  const orders = connectDb(orderUrl.href, { maxConnections: 2, statementTimeoutMs: 60_000 });
  const nats = await openNats(scope, { url: new Secret(natsServer.url), service: 'bench' });
  const prices = await pricesOf(postgres.url, wanted.symbols);
  nats.connection.subscribe('md.quote.*', {
    callback: (_, message) => {
      const { symbol, last } = Quote.decode(message.data);
      if (prices.has(symbol)) prices.set(symbol, Number(last / 10_000n) / 100);
    },
  });
  const accounts = await openAccounts(portfolio, people.tokens, [...prices.keys()], wanted.accounts);
  const pids = Object.fromEntries(Object.entries(running).map(([name, { pid }]) => [name, pid]));
  return {
    gatewayPort: httpPort,
    postgresUrl: postgres.url,
    orders,
    nats,
    scope,
    portfolio,
    accounts,
    prices,
    pids: { ...pids, postgres: postgres.pid, nats: natsServer.pid, redis: redis.pid },
    async close() {
      await orders.end({ timeout: 1 });
      await scope.close();
      for (const service of Object.values(running).toReversed()) await service.stop();
      await people.stop();
      await redis.stop({ signal: 'SIGKILL' });
      await natsServer.stop({ signal: 'SIGKILL' });
      await postgres.stop({ signal: 'SIGQUIT' });
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

async function fill(service: string, database: string, past: Past): Promise<void> {
  const fillings: Partial<Record<string, { migrations: URL; fill(db: Db): Promise<void> }>> = {
    order: { migrations: ofOrders, fill: (db) => fillOrders(db, past.orders) },
    portfolio: { migrations: ofLedger, fill: (db) => fillLedger(db, past.entries) },
  };
  const filling = fillings[service];
  if (filling === undefined) return;
  const db = connectDb(database, { maxConnections: 2, statementTimeoutMs: 0 });
  await migrate(db, [kitMigrations, filling.migrations]);
  await filling.fill(db);
  await db.end();
}

/** Who may do what, in a process of its own: the same stand-in as the gateway's benchmark has. */
async function startPeople() {
  const file = join(import.meta.dirname, '../../gateway/bench/backends.ts');
  const child = fork(file, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [ready] = (await once(child, 'message')) as [
    { auth: string; security: string; user: string; tokens: string[] },
  ];
  return {
    ...ready,
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

async function pricesOf(postgresUrl: string, count: number): Promise<Map<string, number>> {
  const url = new URL(postgresUrl);
  url.pathname = '/stock_db';
  const db = connectDb(url.href, { maxConnections: 1 });
  const rows = await db<{ symbol: string; price: bigint }[]>`
    select symbol, base_price as price from instruments where currency = 'USD' and tradable and base_price > 10000000
    order by symbol limit ${count}`;
  await db.end();
  return new Map(rows.map(({ symbol, price }) => [symbol, Number(price / 10_000n) / 100]));
}

/** Each trades one symbol, of which it has shares as well as money. */
async function openAccounts(
  portfolio: BenchWorld['portfolio'],
  tokens: readonly string[],
  symbols: readonly string[],
  count: number,
): Promise<BenchAccount[]> {
  const accounts: BenchAccount[] = [];
  const open = async (n: number): Promise<void> => {
    const user = n % tokens.length;
    const symbol = symbols[n % symbols.length] ?? '';
    const { account } = await portfolio.openAccount({
      userId: userIdOf(`bench-${user}`),
      kind: AccountKind.ACCOUNT_KIND_INVESTMENT,
      currency: 'USD',
      name: `Bench ${n}`,
      idempotencyKey: `open-${n}`,
    });
    const id = account?.id ?? '';
    const give = (asset: string, amount: bigint, costPx: bigint | undefined) =>
      portfolio.adjust({ accountId: id, asset, amount, reason: 'bench', idempotencyKey: `${n}-${asset}`, costPx });
    await give('USD', 100_000_000n * MICRO, undefined);
    await give(symbol, 100_000n * MICRO, 100n * MICRO);
    accounts[n] = { id, symbol, token: tokens[user] ?? '' };
  };
  for (let next = 0; next < count; next += 50) {
    await Promise.all(Array.from({ length: Math.min(50, count - next) }, (_, n) => open(next + n)));
  }
  return accounts;
}
