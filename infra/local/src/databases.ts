import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectDb } from '@andvari/kit/db/db';
import { grantRows, migrate } from '@andvari/kit/db/migrate';
import { keepSecret } from '@andvari/servers/keep-secret';
import { makeFolder } from '@andvari/servers/server';
import postgres from 'postgres';

export interface DatabaseUrls {
  /** Of the role that the service runs as: it reads and writes rows and owns nothing. */
  url: string;
  /** Of the role that owns the tables. */
  ownerUrl: string;
}

/**
 * One database per service, owned by a role of the same name and open to one more, that the service runs as; closed to all others. Running
 * it again changes nothing but sets the passwords again, so a lost `.data/databases` heals.
 */
export async function createDatabases(
  adminUrl: string,
  names: string[],
  home: string,
): Promise<Record<string, DatabaseUrls>> {
  const secrets = join(home, 'databases');
  makeFolder(secrets);
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  const urls: Record<string, DatabaseUrls> = {};
  try {
    for (const name of names) {
      const keep = (role: string): Role => ({ role, password: keepSecret(join(secrets, role)) });
      const [owner, service] = [keep(name), keep(`${name}_service`)];
      await createRole(sql, owner);
      await createRole(sql, service);
      await createDatabase(sql, name);
      await sql.unsafe(`grant connect on database "${name}" to "${service.role}"`);
      urls[name] = { url: urlOf(adminUrl, name, service), ownerUrl: urlOf(adminUrl, name, owner) };
    }
  } catch (cause) {
    const who = new URL(adminUrl).username;
    throw new Error(
      `The databases could not be created as "${who}". That role needs CREATEDB and CREATEROLE. PostgreSQL says: ${String(cause)}`,
      { cause },
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
  return urls;
}

interface Role {
  role: string;
  password: string;
}

function urlOf(adminUrl: string, database: string, { role, password }: Role): string {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = password;
  url.pathname = `/${database}`;
  return url.href;
}

async function createRole(sql: postgres.Sql, { role, password }: Role): Promise<void> {
  const roles = await sql`select from pg_roles where rolname = ${role}`;
  // Neither statement takes parameters. The password is base64url, which needs no escape.
  await sql.unsafe(`${roles.length === 0 ? 'create' : 'alter'} role "${role}" login password '${password}'`);
}

async function createDatabase(sql: postgres.Sql, name: string): Promise<void> {
  const found = await sql`select from pg_database where datname = ${name}`;
  if (found.length > 0) return;
  await sql.unsafe(`grant "${name}" to current_user`);
  await sql.unsafe(`create database "${name}" owner "${name}" template template0 encoding 'UTF8'`);
  await sql.unsafe(`revoke all on database "${name}" from public`);
}

/**
 * Every service's tables as they are newest, made by their owner, whom the service itself does not know. A checkout without migrations of
 * a service has none to apply.
 */
export async function migrateDatabases(
  root: string,
  services: readonly { name: string; database?: string }[],
  databases: Record<string, DatabaseUrls>,
): Promise<void> {
  await Promise.all(
    services.map(async ({ name, database = '' }) => {
      const urls = databases[database];
      const folders = [join(root, 'packages/kit/migrations'), join(root, 'services', name, 'migrations')];
      if (urls === undefined || !folders.every((folder) => existsSync(folder))) return;
      const owner = connectDb(urls.ownerUrl, { service: 'migrations', maxConnections: 2 });
      try {
        await migrate(
          owner,
          folders.map((folder) => pathToFileURL(`${folder}/`)),
        );
        await grantRows(owner, new URL(urls.url).username);
      } finally {
        await owner.end({ timeout: 5 });
      }
    }),
  );
}
