import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import { isAppError } from '../src/base/errors.ts';
import { connectDb, lastly, transaction } from '../src/db/db.ts';
import { isTransient } from '../src/db/errors.ts';
import type { Db, Tx } from '../src/db/types.ts';
import { within } from '../src/process/scope.ts';
import { eventually } from '../src/testing/eventually.ts';
import { type TestDatabase, testDatabase } from '../src/testing/test-database.ts';
import { rejection } from './echo-service.ts';

/** Connections are ended by the server, as in a restart, while transactions use them. */
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(inject('postgresUrl'), []);
  await database.db`create table halves (whole int, half text)`;
});
beforeEach(() => database.db`truncate halves`);
afterAll(() => database.drop());

test.each<[string, (tx: Tx, whole: number) => Promise<unknown>]>([
  ['is waited for', (tx, whole) => tx`insert into halves values (${whole}, 'second')`],
  ['leaves with the commit', (tx, whole) => lastly(tx, tx`insert into halves values (${whole}, 'second')`)],
])(
  'under load, where the last statement %s, nothing hangs or crashes, and no statement takes effect by itself',
  async (_, insertSecond) => {
    const db = await pool({ maxConnections: 4 });
    let next = 0;
    let [kept, lost] = [0, 0];
    const over = new AbortController();
    const load = Array.from({ length: 16 }, async () => {
      while (!over.signal.aborted) {
        const whole = (next += 1);
        try {
          await transaction(db, async (tx) => {
            await tx`insert into halves values (${whole}, 'first')`;
            await turn();
            await insertSecond(tx, whole);
          });
          kept += 1;
        } catch (error) {
          lost += 1;
          if (!isAppError(error, 'unavailable') && !isTransient(error)) throw error;
        }
      }
    });
    for (let outage = 1; outage <= 10; outage += 1) {
      await endConnections();
      // It must have gone on after each.
      const before = kept;
      await eventually(() => expect(kept).toBeGreaterThan(before + 20));
    }
    over.abort();
    await Promise.all(load);
    expect(lost).toBeGreaterThan(10);
    expect(await database.db`select whole from halves group by whole having count(*) <> 2`).toEqual([]);
    const [stored] = await database.db<{ wholes: number }[]>`select count(distinct whole)::int as wholes from halves`;
    // A commit whose answer was lost may have been made.
    expect(stored?.wholes).toBeGreaterThanOrEqual(kept);
  },
);

test('a transaction that goes on after its connection was lost has no effect, even when others have the connection', async () => {
  const db = await pool({ maxConnections: 1 });
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const work = Promise.withResolvers<unknown>();
  const outcome = rejection(
    transaction(db, async (tx) => {
      await tx`insert into halves values (1, 'first')`;
      begun.resolve();
      await gate.promise;
      const second = tx`insert into halves values (1, 'second')`.then(() => 'went through');
      work.resolve(second.catch((error: Error) => error));
      return second;
    }),
  );
  work.promise.catch(() => undefined);
  await begun.promise;
  const waiting = db`select 1 as one`;
  await endConnections();
  expect(await outcome).toMatchObject({ code: 'unavailable', reason: 'database_unavailable' });
  // The connection is made anew for those who wait.
  expect(await waiting).toEqual([{ one: 1 }]);
  gate.resolve();
  await turn();
  expect(await db`select 1 as one`).toEqual([{ one: 1 }]);
  expect(await database.db`select * from halves`).toEqual([]);
});

test.each<[string, (tx: Tx) => Promise<unknown>]>([
  ['with another statement', (tx) => tx`insert into halves values (1, 'first')`],
  ['and catches again', (tx) => tx`select 1`.catch(() => tx`insert into halves values (1, 'first')`)],
  ['and fails with an error of its own', () => Promise.reject(new Error('of its own'))],
  ['and returns as if nothing had been', () => Promise.resolve()],
])('a work that catches the loss and goes on %s is stopped', async (_, goOn) => {
  const db = await pool({ maxConnections: 1 });
  const lost = transaction(db, async (tx) => {
    const sleeping = tx`select pg_sleep(20)`.catch(() => undefined);
    await eventually(async () => expect(await others(`wait_event = 'PgSleep'`)).toHaveLength(1));
    await endConnections();
    await sleeping;
    await goOn(tx);
  });
  expect(await rejection(lost)).toMatchObject({ code: 'unavailable', reason: 'database_unavailable' });
  await eventually(async () => expect(await db`select 1 as one`).toEqual([{ one: 1 }]));
  expect(await database.db`select * from halves`).toEqual([]);
});

test('queries of a pool fail while it is gone and pass when it is back', async () => {
  const db = await pool({ maxConnections: 3 });
  const over = new AbortController();
  const failures: unknown[] = [];
  let passed = 0;
  const load = Array.from({ length: 9 }, async () => {
    while (!over.signal.aborted) {
      try {
        await db`select ${passed}::int`;
        passed += 1;
      } catch (error) {
        failures.push(error);
      }
    }
  });
  for (let outage = 0; outage < 5; outage += 1) {
    await endConnections();
    const before = passed;
    await eventually(() => expect(passed).toBeGreaterThan(before + 50));
  }
  over.abort();
  await Promise.all(load);
  expect(failures.filter((error) => !isTransient(error))).toEqual([]);
});

test('a connection that is given a query in the very moment it closes comes back', async () => {
  const asked: Promise<unknown>[] = [];
  const db = await pool({
    maxConnections: 2,
    onclose: () => {
      // The other connection is at its end too, and the client does not know it yet.
      for (let i = 0; i < 2; i += 1) asked.push(db`select 1`.catch((error: unknown) => error));
    },
  });
  for (let outage = 0; outage < 5; outage += 1) {
    await Promise.all([db`select pg_sleep(0.01)`, db`select pg_sleep(0.01)`]);
    await endConnections();
    await eventually(async () => {
      // Two at once need both connections.
      await within(Promise.all([db`select pg_sleep(0.01)`, db`select pg_sleep(0.01)`]), 1000);
    });
  }
  await Promise.all(asked);
});

async function pool(options: { maxConnections: number; onclose?: () => void }): Promise<Db> {
  const db = connectDb(database.url, { service: 'victim', ...options });
  onTestFinished(() => db.end({ timeout: 1 }));
  await db`select 1`;
  return db;
}

async function endConnections(): Promise<void> {
  await database.db`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'victim'`;
}

function others(condition: string): Promise<unknown[]> {
  return database.db.unsafe(
    `select 1 from pg_stat_activity where datname = current_database() and application_name = 'victim' and ${condition}`,
  );
}
