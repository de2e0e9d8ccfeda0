import { cpuOfProcesses } from '@andvari/bench/cpu';
import { connectDb } from '@andvari/kit/db/db';
import type { BenchWorld } from './bench-world.ts';

/** What a run takes of everything that is counted: processor time by process, and what is written. */
export interface Taken {
  readonly cpuUs: Readonly<Record<string, number>>;
  /** By what they are of: commits and syncs of PostgreSQL, bytes of its log, messages that streams have stored. */
  readonly counts: Readonly<Record<'commits' | 'syncs' | 'wal_bytes' | 'messages', number>>;
}

/** What has been taken so far, by everything of this world and by the load itself. */
export async function takenSoFar({ pids, postgresUrl, nats }: BenchWorld): Promise<Taken> {
  const own = process.cpuUsage();
  const measured = Object.entries(pids).map(([name, pid]): [string, number] => [name, cpuOfProcesses([pid])]);
  const cpuUs = { ...Object.fromEntries(measured), load: own.user + own.system };
  const db = connectDb(postgresUrl, { maxConnections: 1 });
  const [row] = await db<{ commits: number; syncs: number; wal_bytes: number }[]>`
    select (select sum(xact_commit) from pg_stat_database where datname like '%\_db')::float8 as commits,
      wal_sync::float8 as syncs, wal_bytes::float8 from pg_stat_wal`;
  await db.end();
  if (row === undefined) throw new Error('PostgreSQL counts nothing');
  let messages = 0;
  for await (const { state } of nats.jsm.streams.list()) messages += state.last_seq;
  return { cpuUs, counts: { ...row, messages } };
}

/** What one of so many orders took. */
export function takenPerOrder(before: Taken, after: Taken, orders: number): Taken & { readonly cpuUsInAll: number } {
  const each = <Name extends string>(from: Readonly<Record<Name, number>>, to: Readonly<Record<Name, number>>) =>
    Object.fromEntries(
      Object.entries<number>(to).map(([name, count]) => [name, (count - (from[name as Name] ?? 0)) / orders]),
    ) as Record<Name, number>;
  const cpuUs = each(before.cpuUs, after.cpuUs);
  const cpuUsInAll = Math.round(Object.values(cpuUs).reduce((all, us) => all + us, 0));
  return { cpuUs, cpuUsInAll, counts: each(before.counts, after.counts) };
}
