import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectDb } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';
import { checkoutRoot } from '@andvari/servers/data-home';
import { startTestPostgres } from '@andvari/servers/test-infra';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What a runbook has an operator ask PostgreSQL, asked of a real one in which something has been forgotten. */
let postgres: Awaited<ReturnType<typeof startTestPostgres>>;
let operator: Db;
beforeAll(async () => {
  postgres = await startTestPostgres();
  operator = connectDb(postgres.postgresUrl, { service: 'operator', maxConnections: 6 });
});
afterAll(async () => {
  await operator.end();
  await postgres.stop();
});

function queryOf(page: string): string {
  const text = readFileSync(join(checkoutRoot, 'docs/runbooks', `${page}.md`), 'utf8');
  const query = /`(select [^`]*pg_stat_activity[^`]*)`/.exec(text)?.[1];
  if (query === undefined) throw new Error(`${page} asks PostgreSQL nothing`);
  return query;
}

test.each(['outbox-stuck', 'api-slow'])(
  '%s shows a transaction that has written and was left open, first',
  async (page) => {
    const idle = await Promise.all(Array.from({ length: 5 }, () => operator.reserve()));
    const forgotten = idle.pop();
    try {
      await Promise.all(idle.map((connection) => connection`select 1`));
      await forgotten?.unsafe('begin; create table left_open (x int)');
      const pid = (await forgotten?.unsafe<{ pid: number }[]>('select pg_backend_pid() as pid'))?.[0]?.pid;
      const [first] = await operator.unsafe<{ pid: number }[]>(queryOf(page));
      expect(first).toMatchObject({ pid, state: 'idle in transaction' });
    } finally {
      await forgotten?.unsafe('rollback');
      for (const connection of [...idle, forgotten]) connection?.release();
    }
  },
);
