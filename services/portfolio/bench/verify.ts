import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuOfProcesses } from '@andvari/bench/cpu';
import { connectDb } from '@andvari/kit/db/db';
import { migrate } from '@andvari/kit/db/migrate';
import type { Db } from '@andvari/kit/db/types';
import { kitMigrations } from '@andvari/kit/service/foundation';
import { MICRO, toMicros, toQuantity } from '@andvari/money';
import { dataHome } from '@andvari/servers/data-home';
import { startPostgres } from '@andvari/servers/postgres';
import { requirePrograms } from '@andvari/servers/programs';
import { migrations } from '../src/main.ts';
import { reserveBatch } from '../src/store/reserve.ts';
import { verify } from '../src/store/verify-run.ts';
import { clientOf, fillLedger } from './large-ledger.ts';

const LOOK_MS = 100;
const RESERVE_EVERY_MS = 10;
const CLIENTS_ASKED = 1000;

/** What a verification costs, on 200,000 entries or with --long on ten million: time, memory, and what a reservation notices of it meanwhile. */
export async function run(options: { json: boolean; long: boolean }): Promise<Record<string, number>> {
  const entries = options.long ? 10_000_000 : 200_000;
  const programs = await requirePrograms({ home: dataHome().path });
  const folder = mkdtempSync(join(tmpdir(), 'andvari-verify-'));
  chmodSync(folder, 0o711);
  const postgres = await startPostgres({ program: programs.postgres, dataDir: join(folder, 'postgres') });
  const db = connectDb(postgres.url, { maxConnections: 4, statementTimeoutMs: 0 });
  try {
    await migrate(db, [kitMigrations, migrations]);
    await db`alter system set max_wal_size = '8GB'`;
    await db`select pg_reload_conf()`;
    const fillStartedAt = performance.now();
    await fillLedger(db, entries);
    const fillSeconds = (performance.now() - fillStartedAt) / 1000;
    const alone = await reserving(db, pause(5000));
    const [before, startedAt] = [cpuOfProcesses([postgres.pid]), performance.now()];
    const verifying = verified(db);
    const watching = watch(db, verifying);
    const beside = await reserving(db, verifying);
    const { findings, entries: checked } = await verifying;
    const seconds = (performance.now() - startedAt) / 1000;
    const cpuSeconds = (cpuOfProcesses([postgres.pid]) - before) / 1e6;
    const { longestSeconds, memoryMb } = await watching;
    const [written] = await db<{ temp: number; size: number }[]>`
      select temp_bytes::float8 / 1048576 as temp, pg_database_size(datname)::float8 / 1048576 as size
      from pg_stat_database where datname = current_database()`;
    return {
      entries: Number(checked),
      findings: Number(findings),
      fill_s: Math.round(fillSeconds),
      database_mb: Math.round(written?.size ?? 0),
      verify_s: Number(seconds.toFixed(1)),
      cpu_s: Number(cpuSeconds.toFixed(1)),
      longest_statement_s: Number(longestSeconds.toFixed(1)),
      memory_mb: Math.round(memoryMb),
      spilled_mb: Math.round(written?.temp ?? 0),
      reserve_alone_p50_ms: alone.p50,
      reserve_alone_p99_ms: alone.p99,
      reserve_beside_p50_ms: beside.p50,
      reserve_beside_p99_ms: beside.p99,
    };
  } finally {
    await db.end({ timeout: 1 });
    await postgres.stop({ signal: 'SIGQUIT' });
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

async function verified(db: Db): Promise<{ findings: bigint; entries: bigint }> {
  const looking = verify(db);
  for (;;) {
    const next = await looking.next();
    if (next.done === true) return next.value;
    console.log('finding', next.value);
  }
}

/** One reservation after the other until something has ended: how long each took. */
async function reserving(db: Db, until: Promise<unknown>): Promise<{ p50: number; p99: number }> {
  const over = endOf(until);
  const took: number[] = [];
  for (let next = 0; !over.aborted; next += 1) {
    const startedAt = performance.now();
    const [answer] = await reserveBatch(db, [
      {
        orderId: randomUUID(),
        accountId: clientOf(1 + (next % CLIENTS_ASKED)),
        userId: clientOf(1 + (next % CLIENTS_ASKED)),
        side: 'buy',
        symbol: 'S1',
        asset: 'USD',
        qty: toQuantity(MICRO),
        principal: toMicros(MICRO),
        feeCap: toMicros(0n),
      },
    ]);
    if (answer?.outcome !== 'reserved') throw new Error(`not reserved: ${answer?.outcome}`);
    took.push(performance.now() - startedAt);
    await pause(RESERVE_EVERY_MS);
  }
  took.sort((one, other) => one - other);
  const at = (share: number): number => Number((took[Math.floor(took.length * share)] ?? Number.NaN).toFixed(1));
  return { p50: at(0.5), p99: at(0.99) };
}

/** The longest that a statement held its snapshot, and the most memory that the backend had of its own. */
async function watch(db: Db, until: Promise<unknown>): Promise<{ longestSeconds: number; memoryMb: number }> {
  const over = endOf(until);
  let [longestSeconds, memoryMb] = [0, 0];
  while (!over.aborted) {
    const rows = await db<{ pid: number; seconds: number }[]>`
      select pid, extract(epoch from clock_timestamp() - xact_start)::float8 as seconds from pg_stat_activity
      where query like '%as found ("check"%' and pid <> pg_backend_pid() and xact_start is not null`;
    for (const { pid, seconds } of rows) {
      longestSeconds = Math.max(longestSeconds, seconds);
      memoryMb = Math.max(memoryMb, ownMemoryMb(pid));
    }
    await pause(LOOK_MS);
  }
  return { longestSeconds, memoryMb };
}

function endOf(work: Promise<unknown>): AbortSignal {
  const over = new AbortController();
  void work.finally(() => over.abort());
  return over.signal;
}

function ownMemoryMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}
