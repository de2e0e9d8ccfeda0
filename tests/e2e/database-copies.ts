import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { connectDb } from '@andvari/kit/db/db';
import { plainEnv } from '@andvari/servers/child';
import { dataHome } from '@andvari/servers/data-home';
import { requirePrograms } from '@andvari/servers/programs';

const run = promisify(execFile);

/** Backups of single databases, as `pg_dump` makes them while everybody goes on. */
export interface DatabaseCopies {
  take: (database: string, file: string) => Promise<void>;
  /** In the place of what is there, which is dropped first with whoever is connected. */
  putBack: (database: string, file: string) => Promise<void>;
}

const { postgres } = await requirePrograms({ home: dataHome().path });
const tool = (name: string): string => join(dirname(postgres.bin), name);
const env = plainEnv(postgres.env);

/** Some servers come without their tools. */
export const hasCopyTools = existsSync(tool('pg_dump')) && existsSync(tool('pg_restore'));

/** On the server of that address, as who may do everything there. */
export function databaseCopies(postgresUrl: string): DatabaseCopies {
  const urlOf = (database: string): string => {
    const url = new URL(postgresUrl);
    url.pathname = `/${database}`;
    return url.href;
  };
  return {
    async take(database, file) {
      await run(tool('pg_dump'), ['--format=custom', `--file=${file}`, urlOf(database)], { env });
    },
    async putBack(database, file) {
      const admin = connectDb(postgresUrl, { maxConnections: 1 });
      await admin.unsafe(`drop database if exists "${database}" with (force)`);
      await admin.end();
      // With --create comes what belongs to the database itself: its owner, and who may connect.
      await run(tool('pg_restore'), ['--create', '--exit-on-error', `--dbname=${urlOf('postgres')}`, file], { env });
    },
  };
}
