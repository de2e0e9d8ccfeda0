import postgres from 'postgres';
import { backoffMs } from '../base/backoff.ts';
import type { Secret } from '../base/config.ts';
import type { Metrics } from '../observe/metrics.ts';
import { SpanKind, type SpanOptions, traced } from '../observe/tracing.ts';
import type { Health } from '../process/health.ts';
import type { Scope } from '../process/scope.ts';
import { untilAnswered } from '../process/until-answered.ts';
import { databaseError } from './errors.ts';
import { databaseSocket, padding } from './socket.ts';
import { beginAndCommit } from './transaction.ts';
import type { Db, Statement, Tx } from './types.ts';

export interface DbOptions {
  url: Secret;
  service: string;
  maxConnections: number;
  metrics: Metrics;
  health: Health;
  /** A statement that takes longer is broken off by the server. */
  statementTimeoutMs?: number;
  plans?: Plans | undefined;
}

/**
 * By key: no statement reads a whole table where an index leads to its rows. PostgreSQL keeps the plan of a prepared statement,
 * and one that it made while a table was empty goes on reading all of it long after it has filled. All are kept, then: left to choose,
 * it plans a look-up of two or three rows anew each time, which takes longer than looking them up.
 */
export type Plans = 'by_key';

/**
 * A pool of connections. Statements written as tagged templates are prepared once a connection and keep their plan.
 * Waits for the server at the start; later losses heal by themselves.
 */
export async function openDb(scope: Scope, options: DbOptions): Promise<Db> {
  const db = connectDb(options.url.reveal(), options);
  measured.set(db, measureTransactions(options.metrics, options.maxConnections));
  scope.defer('database', () => db.end({ timeout: 5 }));
  await untilAnswered(scope, 'PostgreSQL', () => db`select 1`);
  options.health.check('postgres', () => db`select 1`);
  return db;
}

/** The bare pool, for tools and tests that wait for nothing and report nothing. */
export function connectDb(
  url: string,
  options: {
    service?: string;
    maxConnections?: number;
    statementTimeoutMs?: number;
    plans?: Plans | undefined;
    /** Nothing that is written here has to survive the server: its commits do not wait for the disk. */
    forgetful?: boolean;
    onclose?: () => void;
    /** What is told on a channel that was listened to on this very connection. */
    onnotify?: (channel: string) => void;
  } = {},
): Db {
  const statementTimeoutMs = options.statementTimeoutMs ?? 10_000;
  const settings = {
    socket: databaseSocket,
    max: options.maxConnections ?? 10,
    connect_timeout: 5,
    idle_timeout: 0,
    max_lifetime: null,
    // In seconds.
    backoff: (attempt: number) => backoffMs(attempt, { firstMs: 50, maxMs: 1000 }) / 1000,
    onnotice: () => undefined,
    ...(options.onclose === undefined ? {} : { onclose: options.onclose }),
    ...(options.onnotify === undefined ? {} : { onnotify: options.onnotify }),
    types: { bigint: postgres.BigInt },
    connection: {
      ...padding,
      ...(options.plans === 'by_key' ? byKey : {}),
      ...(options.forgetful === true ? { synchronous_commit: 'off' } : {}),
      application_name: options.service ?? 'andvari',
      statement_timeout: statementTimeoutMs,
      // A transaction left open would hold back every reader of an outbox.
      idle_in_transaction_session_timeout: statementTimeoutMs,
    },
  };
  return postgres(url, settings);
}

const byKey = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  plan_cache_mode: 'force_generic_plan',
};

/**
 * One transaction; an error rolls it back. Nothing outside the database is awaited inside (ask first, lock later), and
 * every statement goes through `tx`: one that went through the pool would wait for a connection that this one holds.
 */
export async function transaction<T>(
  db: Db,
  work: (tx: Tx) => Promise<T>,
  { bulk = false }: { bulk?: boolean } = {},
): Promise<T> {
  const afterEnd: (() => void)[] = [];
  const withTheCommit: Statement[] = [];
  const noted = (tx: Tx): Promise<T> => {
    endings.set(tx, { afterEnd, withTheCommit });
    return bulk ? inBulk(tx, work) : work(tx);
  };
  try {
    return await traced('transaction', spanOf(db), async () => {
      const measure = measured.get(db);
      const result = await (measure === undefined
        ? beginAndCommit<T>(db, noted)
        : measure<T>((measuring) => beginAndCommit<T>(db, measuring(noted))));
      // Where one of them failed the server has taken the commit for a rollback, and calls that no error.
      await Promise.all(withTheCommit);
      return result;
    });
  } catch (error) {
    throw databaseError(error);
  } finally {
    for (const run of afterEnd) run();
  }
}

/**
 * For much at once that its maker does again after a crash: the commit answers before it is on the disk, so that a database that crashes in that
 * moment has not done it. It is lost whole or not at all, and nothing before it with it. A statement may take a minute, since one such transaction waits for
 * the whole of another where both write to the same rows, and so may the work between two.
 */
async function inBulk<T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<T> {
  await tx`
    select set_config('synchronous_commit', 'off', true), set_config('statement_timeout', '1min', true),
      set_config('idle_in_transaction_session_timeout', '1min', true)`;
  return work(tx);
}

interface Ending {
  readonly afterEnd: (() => void)[];
  readonly withTheCommit: Statement[];
}

const endings = new WeakMap<Tx, Ending>();

/**
 * Sends the last statements of a transaction, whose answers nobody needs: the commit follows them at once, one round trip earlier than if they had been
 * waited for, and the transaction fails where one of them does. Statements only, and no functions that make some: what fails before it
 * was sent would not keep the commit from happening. Where nobody knows of the transaction they are waited for here.
 */
export async function lastly(tx: Tx, ...statements: readonly (Statement | undefined)[]): Promise<void> {
  const sent = statements.flatMap((statement) => statement?.execute() ?? []);
  const ending = endings.get(tx);
  if (ending === undefined) {
    await Promise.all(sent);
    return;
  }
  // Their failure is told at the end, and by the statements after them.
  for (const statement of sent) statement.catch(() => undefined);
  ending.withTheCommit.push(...sent);
}

/** Once the transaction has ended, however it has: one whose commit was never answered may have committed. At once where nobody knows of it. */
export function afterwards(tx: Tx, run: () => void): void {
  const ending = endings.get(tx);
  if (ending === undefined) run();
  else ending.afterEnd.push(run);
}

const spans = new WeakMap<Db, SpanOptions>();

function spanOf(db: Db): SpanOptions {
  let span = spans.get(db);
  if (span === undefined) {
    const attributes = { 'db.system.name': 'postgresql', 'db.namespace': db.options.database };
    span = { kind: SpanKind.CLIENT, attributes, onlyInside: true };
    spans.set(db, span);
  }
  return span;
}

const measured = new WeakMap<Db, ReturnType<typeof measureTransactions>>();

/** How long transactions wait for a connection of the pool, how long they take, and how many have one now. */
function measureTransactions(metrics: Metrics, maxConnections: number) {
  const waits = metrics.histogram('db_pool_wait_seconds', 'From asking for a transaction to its begin');
  const durations = metrics.histogram('db_transaction_seconds', 'From asking for a transaction to its end');
  let underWay = 0;
  metrics.gauge('db_pool_connections', 'Connections to the database', ['state'], (gauge) => {
    gauge.set({ state: 'in_transaction' }, underWay);
    gauge.set({ state: 'limit' }, maxConnections);
  });
  type Work<T> = (tx: Tx) => Promise<T>;
  return async <T>(run: (begun: (work: Work<T>) => Work<T>) => Promise<T>): Promise<T> => {
    const askedAt = performance.now();
    const seconds = (): number => (performance.now() - askedAt) / 1000;
    let hasBegun = false;
    try {
      return await run((work) => (tx) => {
        hasBegun = true;
        underWay += 1;
        waits.observe(seconds());
        return work(tx);
      });
    } finally {
      if (hasBegun) underWay -= 1;
      durations.observe(seconds());
    }
  };
}
