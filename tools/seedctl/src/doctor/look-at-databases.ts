import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { schemaFiles } from '@andvari/kit/db/migrate';
import { checkoutRoot } from '@andvari/servers/data-home';
import { silentDatabase } from '../silent-database.ts';
import type { World } from '../world.ts';
import type { Complaint } from './complaint.ts';
import { judgeClock } from './look-at-services.ts';

/** Whether each database answers, has the newest schema, and nothing in it that waits for a person. */
export async function lookAtDatabases(world: World): Promise<Complaint[]> {
  const names = Object.keys(world.places.databases);
  return (await Promise.all(names.map((name) => lookAt(world, name)))).flat();
}

async function lookAt(world: World, name: string): Promise<Complaint[]> {
  const db = world.db(name);
  try {
    const askedAtMs = Date.now();
    const [{ now }] = await db<[{ now: Date }]>`select clock_timestamp() as now`;
    const clock = judgeClock(name, now.toISOString(), { askedAtMs, answeredAtMs: Date.now() });
    const letters = await db<{ consumer: string; count: number }[]>`
      select consumer, count(*)::int as count from dead_letters group by consumer order by consumer`;
    const set = letters.map(({ consumer, count }): Complaint => {
      return { where: name, what: `${consumer} has set ${count} messages aside`, runbook: 'dead-letters' };
    });
    const applied = await db<{ name: string }[]>`select name from schema_migrations`;
    return [...clock, ...set, ...judgeSchema(name, new Set(applied.map((row) => row.name)))];
  } catch (error) {
    return [
      {
        where: name,
        what: `does not answer: ${silentDatabase(error) ?? (error as Error).message}`,
        runbook: 'postgres-down',
      },
    ];
  }
}

/** Held against what lies here, where the sources do: elsewhere nobody knows what should be there. */
function judgeSchema(database: string, applied: ReadonlySet<string>): Complaint[] {
  const folder = join(checkoutRoot, 'services', database.replace(/_db$/, ''), 'migrations');
  if (!existsSync(folder)) return [];
  const folders = [join(checkoutRoot, 'packages/kit/migrations'), folder];
  const files = folders.flatMap((each) => schemaFiles(pathToFileURL(`${each}/`)));
  const missing = files.filter(({ name }) => !applied.has(name)).map(({ name }) => name.split(' ')[0]);
  if (missing.length === 0) return [];
  return [
    {
      where: database,
      what: `its schema is older than this release: ${missing.join(', ')} missing`,
      runbook: 'rollback',
    },
  ];
}
