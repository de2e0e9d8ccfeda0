import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rssMb } from '@andvari/bench/memory';
import { services } from '@andvari/deploy/services';
import { Secret } from '@andvari/kit/base/config';
import { connectDb, transaction } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { openLog } from '@andvari/kit/observe/log';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { Scope } from '@andvari/kit/process/scope';
import { connectRpc, type RpcClient } from '@andvari/kit/rpc/client';
import { heapFlags } from '@andvari/local/service-environment';
import { toMicros } from '@andvari/money';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { dataHome } from '@andvari/servers/data-home';
import { startNats } from '@andvari/servers/nats';
import { startPostgres } from '@andvari/servers/postgres';
import { requirePrograms } from '@andvari/servers/programs';
import { v7 as uuidv7 } from 'uuid';
import { postJournals } from '../src/app/post-journals.ts';
import { depositJournal } from '../src/domain/journal.ts';
import type { PeerMessage, PeerOrder } from './app-peer.ts';

const peer = fileURLToPath(new URL('app-peer.ts', import.meta.url));
const CALLER_KEY = 'a-key-for-benchmarks-of-32-chars!';
const CASH = toMicros(10n ** 15n);

/** The service as a process of its own, on a PostgreSQL that syncs every commit to the disk. */
export interface BenchWorld {
  db: Db;
  nats: Nats;
  scope: Scope;
  portfolio: RpcClient<typeof PortfolioServiceService>;
  /** The service reserves by itself. */
  reserve(order: PeerOrder): Promise<PeerMessage & { type: 'reserved' }>;
  postgresUrl: string;
  /** The processes whose work a request is: the service and its database. */
  pids: readonly number[];
  postgresPid: number;
  servicePid: number;
  /** What the service has in memory now, in MB. */
  memoryMb(): number;
  close(): Promise<void>;
}

export async function openBenchWorld(): Promise<BenchWorld> {
  const programs = await requirePrograms({ home: dataHome().path });
  const folder = mkdtempSync(join(tmpdir(), 'andvari-ledger-'));
  chmodSync(folder, 0o711);
  const [postgres, natsServer] = await Promise.all([
    startPostgres({ program: programs.postgres, dataDir: join(folder, 'postgres') }),
    startNats({ program: programs.nats, dataDir: join(folder, 'nats'), sync: false }),
  ]);
  const child = await startService(postgres.url, natsServer.url);
  const scope = new Scope(openLog('bench', 'warn'));
  const db = connectDb(postgres.url, { maxConnections: 4, statementTimeoutMs: 60_000 });
  await db`select 1`;
  const nats = await openNats(scope, { url: new Secret(natsServer.url), service: 'bench' });
  const pid = child.process.pid ?? 0;
  return {
    db,
    nats,
    scope,
    portfolio: connectRpc(scope, PortfolioServiceService, {
      address: `127.0.0.1:${child.port}`,
      service: 'order',
      callerKey: new Secret(CALLER_KEY),
      metrics: openMetrics('bench', { runtime: false }),
      idempotent: ['reserve', 'release'],
      timeoutMs: 20_000,
    }),
    async reserve(order) {
      child.process.send(order);
      const message = await heard(child.process);
      if (message.type !== 'reserved') throw new Error('the service did not reserve');
      return message;
    },
    postgresUrl: postgres.url,
    pids: [pid, postgres.pid],
    postgresPid: postgres.pid,
    servicePid: pid,
    memoryMb: () => rssMb(pid),
    async close() {
      await scope.close();
      const exited = once(child.process, 'exit');
      child.process.disconnect();
      await exited;
      await db.end({ timeout: 1 });
      await natsServer.stop({ signal: 'SIGKILL' });
      await postgres.stop({ signal: 'SIGQUIT' });
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

export interface BenchAccount {
  readonly id: string;
  readonly userId: string;
}

/** Accounts with more money than any benchmark spends, booked as deposits, so that the ledger adds up before and after. */
export async function openBenchAccounts(db: Db, count: number): Promise<BenchAccount[]> {
  const accounts = Array.from({ length: count }, () => ({ id: uuidv7(), userId: uuidv7() }));
  for (let first = 0; first < count; first += 500) {
    const some = accounts.slice(first, first + 500);
    await transaction(db, async (tx) => {
      await tx`
        insert into accounts (id, user_id, number, kind, currency, name)
        select id, user_id, id::text, 'investment', 'USD', 'Bench'
        from unnest(${some.map(({ id }) => id)}::uuid[], ${some.map(({ userId }) => userId)}::uuid[]) as new (id, user_id)`;
      const at = BigInt(Date.now()) * 1000n;
      const fundings = some.map(({ id: accountId }) => ({ fundingId: uuidv7(), accountId }));
      await tx`
        insert into fundings (id, account_id, user_id, type, currency, amount, state, requested_at, updated_at)
        select asked.id, account.id, account.user_id, 'deposit', 'USD', ${CASH}, 'settled', now(), now()
        from unnest(${fundings.map(({ fundingId }) => fundingId)}::uuid[], ${fundings.map(({ accountId }) => accountId)}::uuid[]) as asked (id, account_id)
        join accounts account on account.id = asked.account_id`;
      const journals = fundings.map((funding) => depositJournal({ ...funding, currency: 'USD', amount: CASH, at }));
      await postJournals(
        tx,
        journals.map((journal) => ({ journal })),
      );
    });
  }
  return accounts;
}

async function startService(postgresUrl: string, natsUrl: string): Promise<{ process: ChildProcess; port: number }> {
  // The first start compiles, and what it needs for that stays in its memory; everybody later finds it compiled.
  const first = await startOnce(postgresUrl, natsUrl);
  const exited = once(first.process, 'exit');
  first.process.disconnect();
  await exited;
  return startOnce(postgresUrl, natsUrl);
}

const heap = services.find(({ name }) => name === 'portfolio')?.heap;

async function startOnce(postgresUrl: string, natsUrl: string): Promise<{ process: ChildProcess; port: number }> {
  const child = fork(peer, {
    env: {
      PATH: process.env['PATH'],
      CALLER_KEY,
      GRPC_PORT: '0',
      ADMIN_PORT: '0',
      POSTGRES_URL: postgresUrl,
      NATS_URL: natsUrl,
      LOG_LEVEL: 'warn',
      NODE_COMPILE_CACHE: join(dataHome().path, 'compile-cache'),
    },
    // As the launcher starts it: V8 goes by the machine's memory otherwise, and on a large one lets garbage lie for long.
    execArgv: heap === undefined ? [] : heapFlags(heap),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const message = await heard(child);
  if (message.type !== 'ready') throw new Error('the service said something else than that it is ready');
  return { process: child, port: message.port };
}

async function heard(child: ChildProcess): Promise<PeerMessage> {
  const exited = once(child, 'exit').then(() => Promise.reject(new Error('the service ended during the benchmark')));
  // Both ends are ours.
  const [message] = (await Promise.race([once(child, 'message'), exited])) as [PeerMessage];
  return message;
}
