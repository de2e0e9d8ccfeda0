import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../observe/log.ts';
import { isConnectionOver } from './transaction.ts';
import type { Db } from './types.ts';

/**
 * Brings a database to the newest schema: numbered SQL files, each in a transaction of its own, once, under an advisory
 * lock, so that any number of instances may start at once. A file that changed after it was applied stops the start:
 * what is merged is immutable.
 */
export async function migrate(db: Db, folders: readonly URL[], log?: Log): Promise<void> {
  const migrations = folders.flatMap(readMigrations);
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
    const applied = new Map(
      (await connection<{ name: string; checksum: string }[]>`select name, checksum from schema_migrations`).map(
        (row) => [row.name, row.checksum],
      ),
    );
    for (const { name, sql, checksum } of migrations) {
      const before = applied.get(name);
      if (before === checksum) continue;
      if (before !== undefined) throw new Error(`migration ${name} was changed after it had been applied`);
      await connection.unsafe('begin');
      try {
        await connection.unsafe(sql);
        await connection`insert into schema_migrations (name, checksum) values (${name}, ${checksum})`;
        await connection.unsafe('commit');
      } catch (error) {
        if (!isConnectionOver(error)) await connection.unsafe('rollback');
        throw new Error(`migration ${name} failed: ${(error as Error).message}`, { cause: error });
      }
      log?.info({ migration: name }, 'migrated');
    }
  } catch (error) {
    // What is lost holds no lock any more, and may not go back to the pool.
    if (isConnectionOver((error as Error).cause ?? error)) throw error;
    await release(connection);
    throw error;
  }
  await release(connection);
}

async function release(connection: Awaited<ReturnType<Db['reserve']>>): Promise<void> {
  await connection`select pg_advisory_unlock(hashtext('andvari.migrations'))`.catch(() => undefined);
  await connection`reset statement_timeout`.catch(() => undefined);
  connection.release();
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/** The names carry the folder's owner, so that the kit's files and a service's own may share a number. */
function readMigrations(folder: URL): Migration[] {
  const path = fileURLToPath(folder);
  const owner = path.split('/').filter(Boolean).at(-2) ?? '';
  return readdirSync(path)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => {
      const sql = readFileSync(join(path, file), 'utf8');
      return { name: `${owner}/${file}`, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}
