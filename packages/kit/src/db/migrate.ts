import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../observe/log.ts';
import { isConnectionOver } from './transaction.ts';
import type { Db } from './types.ts';

/**
 * Brings a database to the newest schema: numbered SQL files, each in a transaction of its own, once, under an advisory
 * lock, so that any number of instances may start at once. A file that changed after it was applied stops the start:
 * what is merged is immutable. Where nothing is missing nothing is asked for but to read, which whoever may is allowed.
 *
 * SQL functions stand in a folder `functions/` beside `migrations/`, each file as it is newest: it is applied after the
 * migrations, again whenever its text is one that was never applied. An older release that starts beside a newer one
 * therefore leaves the newer functions alone, and so does one that is rolled back to.
 */
export async function migrate(db: Db, folders: readonly URL[], log?: Log): Promise<void> {
  const migrations = folders.flatMap(schemaFiles);
  if (missingOf(migrations, await appliedIn(db)).length === 0) return;
  const connection = await db.reserve();
  try {
    // Filling a large table takes its time, and so does waiting for another instance that does.
    await connection`set statement_timeout = 0`;
    await connection`select pg_advisory_lock(hashtext('andvari.migrations'))`;
    await connection`
      create table if not exists schema_migrations (
        name text primary key,
        checksum text not null,
        applied_at timestamptz not null default now()
      )`;
    for (const { name, sql, checksum } of missingOf(migrations, await appliedIn(connection))) {
      await connection.unsafe('begin');
      try {
        await connection.unsafe(sql);
        await connection`insert into schema_migrations (name, checksum) values (${name}, ${checksum})`;
        await connection.unsafe('commit');
      } catch (error) {
        if (!isConnectionOver(error)) await connection.unsafe('rollback');
        throw new Error(`migration ${name} failed: ${(error as Error).message}`, { cause: error });
      }
      log?.info({ event: 'migrated', migration: name }, 'migrated');
    }
  } catch (error) {
    // What is lost holds no lock any more, and may not go back to the pool.
    if (isConnectionOver((error as Error).cause ?? error)) throw error;
    await release(connection);
    throw error;
  }
  await release(connection);
}

/**
 * What the role may do that a service runs as: read and write rows. Tables, triggers and functions stay their owner's, so that whoever
 * has broken into a service can neither empty a journal nor switch off what keeps it as it is.
 */
export async function grantRows(owner: Db, role: string): Promise<void> {
  const name = `"${role.replaceAll('"', '""')}"`;
  await owner.unsafe(`
    grant usage on schema public to ${name};
    grant select, insert, update, delete on all tables in schema public to ${name};
    grant usage, select on all sequences in schema public to ${name};
    revoke insert, update, delete on schema_migrations from ${name}`);
}

async function appliedIn(db: Db | Awaited<ReturnType<Db['reserve']>>): Promise<ReadonlyMap<string, string>> {
  const [known] = await db<{ there: boolean }[]>`select to_regclass('schema_migrations') is not null as there`;
  if (known?.there !== true) return new Map();
  const rows = await db<{ name: string; checksum: string }[]>`select name, checksum from schema_migrations`;
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

function missingOf(migrations: readonly Migration[], applied: ReadonlyMap<string, string>): Migration[] {
  const changed = migrations.find(({ name, checksum }) => (applied.get(name) ?? checksum) !== checksum);
  if (changed !== undefined) throw new Error(`migration ${changed.name} was changed after it had been applied`);
  return migrations.filter(({ name }) => !applied.has(name));
}

async function release(connection: Awaited<ReturnType<Db['reserve']>>): Promise<void> {
  await connection`select pg_advisory_unlock(hashtext('andvari.migrations'))`.catch(() => undefined);
  await connection`reset statement_timeout`.catch(() => undefined);
  connection.release();
}

export interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/**
 * What makes a schema, in its order. The names carry the folder's owner, so that the kit's files and a service's own may
 * share a number; a function's carries its text, so that a changed one is another.
 */
export function schemaFiles(folder: URL): Migration[] {
  const path = fileURLToPath(folder);
  const owner = path.split('/').filter(Boolean).at(-2) ?? '';
  const functions = sqlFiles(join(path, '../functions'), `${owner}/functions`);
  return [
    ...sqlFiles(path, owner),
    ...functions.map((file) => ({ ...file, name: `${file.name} ${file.checksum.slice(0, 16)}` })),
  ];
}

function sqlFiles(path: string, owner: string): Migration[] {
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => {
      const sql = readFileSync(join(path, file), 'utf8');
      return { name: `${owner}/${file}`, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}
