import { join } from 'node:path';
import { keepSecret } from '@andvari/servers/keep-secret';
import { makeFolder } from '@andvari/servers/server';
import postgres from 'postgres';

/**
 * One database per service, owned by a role of the same name, closed to all other roles. Gives the URL of each. Running it again changes
 * nothing but sets the passwords again, so a lost `.data/databases` heals.
 */
export async function createDatabases(
  adminUrl: string,
  names: string[],
  home: string,
): Promise<Record<string, string>> {
  const secrets = join(home, 'databases');
  makeFolder(secrets);
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  const urls: Record<string, string> = {};
  try {
    for (const name of names) {
      const password = keepSecret(join(secrets, name));
      await createDatabase(sql, name, password);
      const url = new URL(adminUrl);
      url.username = name;
      url.password = password;
      url.pathname = `/${name}`;
      urls[name] = url.href;
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

async function createDatabase(sql: postgres.Sql, name: string, password: string): Promise<void> {
  const roles = await sql`select from pg_roles where rolname = ${name}`;
  // Neither statement takes parameters. The password is base64url, which needs no escape.
  await sql.unsafe(`${roles.length === 0 ? 'create' : 'alter'} role "${name}" login password '${password}'`);
  const found = await sql`select from pg_database where datname = ${name}`;
  if (found.length > 0) return;
  await sql.unsafe(`grant "${name}" to current_user`);
  await sql.unsafe(`create database "${name}" owner "${name}" template template0 encoding 'UTF8'`);
  await sql.unsafe(`revoke all on database "${name}" from public`);
}
