import { freePort } from '@andvari/servers/free-port';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { Secret } from '../src/base/config.ts';
import { connectDb, lastly, openDb, transaction } from '../src/db/db.ts';
import { databaseError, isLostConnection, isTransient, isUniqueViolation, sqlState } from '../src/db/errors.ts';
import type { Db, Tx } from '../src/db/types.ts';
import { openMetrics } from '../src/observe/metrics.ts';
import { openHealth } from '../src/process/health.ts';
import { eventually } from '../src/testing/eventually.ts';
import { type TestDatabase, testDatabase } from '../src/testing/test-database.ts';
import { ownScope, rejection } from './echo-service.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(inject('postgresUrl'), []);
  await database.db`create table accounts (id int primary key, balance bigint not null)`;
  await database.db`insert into accounts values (1, 100), (2, 100)`;
});
afterAll(() => database.drop());

test('a pool of one connection serves transactions and queries at once without a deadlock', async () => {
  const db = pool({ maxConnections: 1 });
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const [before] = await db<{ balance: bigint }[]>`select balance from accounts where id = 1`;
      await transaction(db, async (tx) => {
        await tx`update accounts set balance = balance + 1 where id = 1`;
        await tx`update accounts set balance = balance - 1 where id = 1`;
      });
      const [after] = await db<{ balance: bigint }[]>`select balance from accounts where id = 1`;
      expect(after).toEqual(before);
    }),
  );
});

test('a transaction is kept whole or not at all, and its error is thrown as it is', async () => {
  const wrong = new Error('changed my mind');
  const caught = await rejection(
    transaction(database.db, async (tx) => {
      await tx`update accounts set balance = 0`;
      throw wrong;
    }),
  );
  expect(caught).toBe(wrong);
  expect(await database.db`select sum(balance)::bigint as total from accounts`).toEqual([{ total: 200n }]);
});

test.each<[string, bigint]>([
  ['beyond what a float holds', 9_007_199_254_740_993n],
  ['the greatest', 9_223_372_036_854_775_807n],
  ['the least', -9_223_372_036_854_775_808n],
  ['nothing', 0n],
])('a bigint comes back as it went: %s', async (_, value) => {
  const [row] =
    await database.db`select ${value}::bigint as one, ${database.db.array([value, value])}::bigint[] as list`;
  expect(row).toEqual({ one: value, list: [value, value] });
});

test.each<[plans: 'by_key' | undefined, how: string]>([
  ['by_key', 'accounts_pkey'],
  [undefined, 'Seq Scan'],
])('a plan made while a table is nearly empty, with plans %s: %s', async (plans, how) => {
  await database.db`analyze accounts`;
  const db = connectDb(database.url, { maxConnections: 1, ...(plans === undefined ? {} : { plans }) });
  onTestFinished(() => db.end());
  const plan = await db<{ 'QUERY PLAN': string }[]>`
    explain (costs off) update accounts set balance = balance from unnest(${'{1,2}'}::int[]) as asked where id = asked`;
  expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toContain(how);
});

describe('what leaves with the commit', () => {
  test('is not waited for by the work, and is there when the transaction is over', async () => {
    await database.db`create table lasting (id int primary key)`;
    const gate = await database.db.reserve();
    await gate`select pg_advisory_lock(1)`;
    let hasEnded = false;
    const worked = Promise.withResolvers<void>();
    const over = transaction(database.db, async (tx) => {
      await lastly(tx, tx`insert into lasting select 1 from pg_advisory_xact_lock_shared(1)`, undefined);
      worked.resolve();
    }).then(() => {
      hasEnded = true;
    });
    await worked.promise;
    await eventually(async () => expect(await gate`select from pg_locks where not granted`).toHaveLength(1));
    expect(hasEnded).toBe(false);
    await gate`select pg_advisory_unlock(1)`;
    gate.release();
    await over;
    expect(await database.db`select id from lasting`).toEqual([{ id: 1 }]);
  });

  test('fails the transaction with its own error, and keeps nothing', async () => {
    await database.db`create table kept_whole (id int primary key)`;
    await database.db`insert into kept_whole values (2)`;
    const failed = transaction(database.db, async (tx) => {
      await tx`insert into kept_whole values (1)`;
      await lastly(tx, tx`insert into kept_whole values (2)`, tx`insert into kept_whole values (3)`);
      return 'kept';
    });
    await expect(failed).rejects.toMatchObject({ code: '23505' });
    expect(await database.db`select id from kept_whole`).toEqual([{ id: 2 }]);
  });

  test('is told to whoever goes on, and what it goes on with is undone as well', async () => {
    await database.db`create table gone_on (id int primary key)`;
    const failed = transaction(database.db, async (tx) => {
      await lastly(tx, tx`insert into gone_on values (1), (1)`);
      await tx`insert into gone_on values (2)`;
    });
    await expect(failed).rejects.toMatchObject({ code: '23505' });
    expect(await database.db`select id from gone_on`).toEqual([]);
  });

  test('keeps nothing where it cannot even be sent', async () => {
    await database.db`create table unsent (id int primary key)`;
    const failed = transaction(database.db, async (tx) => {
      await tx`insert into unsent values (1)`;
      // The driver refuses it by itself: the server never hears of it, and would commit.
      await lastly(tx, tx`insert into unsent values (${undefined as unknown as number})`);
    });
    await expect(failed).rejects.toMatchObject({ code: 'UNDEFINED_VALUE' });
    expect(await database.db`select id from unsent`).toEqual([]);
  });

  test('is waited for where the transaction is somebody else’s', async () => {
    await database.db`create table others (id int primary key)`;
    const own = database.db.begin(async (tx) => {
      await expect(lastly(tx, tx`insert into others values (1), (1)`)).rejects.toMatchObject({ code: '23505' });
    });
    await expect(own).rejects.toMatchObject({ code: '23505' });
  });
});

test('a statement that takes too long is broken off by the server, and the connection lives on', async () => {
  const db = pool({ maxConnections: 1, statementTimeoutMs: 100 });
  const [before] = await db`select pg_backend_pid() as pid`;
  const error = await rejection(db`select pg_sleep(20)`);
  expect(sqlState(error)).toBe('57014');
  expect(isTransient(error)).toBe(false);
  expect(await db`select pg_backend_pid() as pid`).toEqual([before]);
});

/** How long a statement and a pause between two may take, and whether a commit waits for the disk. */
async function mannersOf(tx: Db | Tx): Promise<string[]> {
  const [row] = await tx<{ manners: string[] }[]>`
    select array[current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),
      current_setting('synchronous_commit')] as manners`;
  return row?.manners ?? [];
}

test('a transaction in bulk has a minute and does not wait for the disk, and the next one is as ever', async () => {
  const db = pool({ maxConnections: 1 });
  const ever = await mannersOf(db);
  expect(ever).toEqual(['10s', '10s', expect.any(String)]);
  expect(await transaction(db, mannersOf, { bulk: true })).toEqual(['1min', '1min', 'off']);
  expect(await transaction(db, mannersOf)).toEqual(ever);
});

test('a transaction left open is ended by the server: it would hold back every reader of an outbox', async () => {
  const db = pool({ maxConnections: 1, statementTimeoutMs: 100 });
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<number>();
  const forgotten = rejection(
    transaction(db, async (tx) => {
      const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
      begun.resolve(row?.pid ?? 0);
      await gate.promise;
      await tx`select 1`;
    }),
  );
  const pid = await begun.promise;
  await eventually(async () =>
    expect(await database.db`select 1 from pg_stat_activity where pid = ${pid}`).toHaveLength(0),
  );
  gate.resolve();
  expect(await forgotten).toMatchObject({ code: 'unavailable', reason: 'database_unavailable' });
});

test.each<[string, () => Promise<Error>, { state: string; transient: boolean; lost: boolean }]>([
  ['a deadlock', deadlock, { state: '40P01', transient: true, lost: false }],
  ['a serialization failure', serializationFailure, { state: '40001', transient: true, lost: false }],
  ['too many connections', tooManyConnections, { state: '53300', transient: true, lost: false }],
  ['a connection ended by the server', terminated, { state: 'CONNECTION_CLOSED', transient: true, lost: true }],
  ['nobody on the port', nobodyThere, { state: 'ECONNREFUSED', transient: true, lost: true }],
  ['a name that is taken', uniqueViolation, { state: '23505', transient: false, lost: false }],
  [
    'a wrong statement',
    () => rejection(database.db`select nothing`),
    { state: '42703', transient: false, lost: false },
  ],
  ['a pool that was closed', closedPool, { state: 'CONNECTION_ENDED', transient: true, lost: true }],
  ['an error of ours', () => Promise.resolve(new TypeError('x')), { state: 'none', transient: false, lost: false }],
])('%s', async (_, provoke, expected) => {
  const error = await provoke();
  expect({ state: sqlState(error) ?? 'none', transient: isTransient(error), lost: isLostConnection(error) }).toEqual(
    expected,
  );
  const seen = databaseError(error);
  if (expected.lost) expect(seen).toMatchObject({ code: 'unavailable', reason: 'database_unavailable', cause: error });
  else expect(seen).toBe(error);
});

test('a unique violation is known by its constraint', async () => {
  const error = await uniqueViolation();
  expect([
    isUniqueViolation(error),
    isUniqueViolation(error, 'accounts_pkey'),
    isUniqueViolation(error, 'other'),
  ]).toEqual([true, true, false]);
  expect(isUniqueViolation(new Error('x'))).toBe(false);
});

test('an open database is part of what makes the service ready, and is closed with it', async () => {
  const scope = ownScope();
  const metrics = openMetrics('test', { runtime: false });
  const health = await openHealth(scope, { port: 0, host: '127.0.0.1', metrics });
  const url = new Secret(database.url);
  const db = await openDb(scope, { url, service: 'probe', maxConnections: 2, metrics, health });
  health.started();
  expect(await health.problems()).toEqual([]);
  expect(await db`select application_name from pg_stat_activity where pid = pg_backend_pid()`).toEqual([
    { application_name: 'probe' },
  ]);
  await scope.close();
  expect(sqlState(await rejection(db`select 1`))).toBe('CONNECTION_ENDED');
});

function pool(options: Parameters<typeof connectDb>[1], url = database.url): Db {
  const db = connectDb(url, options);
  onTestFinished(() => db.end({ timeout: 1 }));
  return db;
}

/** Two transactions take two rows in opposite order. */
async function deadlock(): Promise<Error> {
  const db = pool({ maxConnections: 2 });
  const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const take = (first: 0 | 1) =>
    transaction(db, async (tx) => {
      await tx`update accounts set balance = balance where id = ${first + 1}`;
      held[first].resolve();
      await held[first === 0 ? 1 : 0].promise;
      await tx`update accounts set balance = balance where id = ${2 - first}`;
    });
  return failureOf(await Promise.allSettled([take(0), take(1)]));
}

/** Each reads what the other writes. */
async function serializationFailure(): Promise<Error> {
  const db = pool({ maxConnections: 2 });
  const read = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const swap = (mine: 0 | 1) =>
    transaction(db, async (tx) => {
      await tx`set transaction isolation level serializable`;
      await tx`select sum(balance) from accounts`;
      read[mine].resolve();
      await read[mine === 0 ? 1 : 0].promise;
      await tx`update accounts set balance = balance where id = ${mine + 1}`;
    });
  return failureOf(await Promise.allSettled([swap(0), swap(1)]));
}

async function tooManyConnections(): Promise<Error> {
  await database.db.unsafe(`create role crowded login password 'x' connection limit 0`);
  onTestFinished(async () => void (await database.db.unsafe('drop role crowded')));
  const url = new URL(database.url);
  url.username = 'crowded';
  url.password = 'x';
  return rejection(pool({}, url.href)`select 1`);
}

async function terminated(): Promise<Error> {
  const db = pool({ maxConnections: 1 });
  const [{ pid } = { pid: 0 }] = await db<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const query = rejection(db`select pg_sleep(20)`);
  await eventually(async () =>
    expect(
      await database.db`select 1 from pg_stat_activity where pid = ${pid} and wait_event = 'PgSleep'`,
    ).toHaveLength(1),
  );
  await database.db`select pg_terminate_backend(${pid})`;
  return query;
}

async function nobodyThere(): Promise<Error> {
  return rejection(pool({}, `postgres://nobody@127.0.0.1:${await freePort()}/none`)`select 1`);
}

async function closedPool(): Promise<Error> {
  const db = pool({});
  await db.end();
  return rejection(db`select 1`);
}

function uniqueViolation(): Promise<Error> {
  return rejection(database.db`insert into accounts values (1, 0)`);
}

function failureOf(outcomes: PromiseSettledResult<unknown>[]): Error {
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) throw new Error('both went through');
  return failed.reason as Error;
}
