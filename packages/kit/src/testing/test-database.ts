import { createHash } from 'node:crypto';
import { connectDb } from '../db/db.ts';
import { grantRows, migrate, schemaFiles } from '../db/migrate.ts';
import type { Db } from '../db/types.ts';

export interface TestDatabase {
  /** Of whoever may do everything. */
  url: string;
  /** Of the role that a service runs as: it owns nothing. */
  serviceUrl: string;
  db: Db;
  drop(): Promise<void>;
}

/**
 * A database of the test file's own, migrated: copied from a template that the first file with these migrations made.
 */
export async function testDatabase(
  serverUrl: string,
  folders: readonly URL[],
  options: { maxConnections?: number } = {},
): Promise<TestDatabase> {
  const admin = connectDb(serverUrl, { maxConnections: 1, statementTimeoutMs: 60_000 });
  try {
    const template = `template_${fingerprint(folders)}`;
    await admin`select pg_advisory_lock(hashtext('andvari.test_template'))`;
    const [existing] = await admin`select 1 from pg_database where datname = ${template}`;
    await makeServiceRole(admin);
    if (existing === undefined) await makeTemplate(admin, serverUrl, template, folders);
    const name = `test_${process.pid}_${Math.trunc(performance.now() * 1000)}`;
    await admin.unsafe(`create database ${name} template ${template}`);
    await admin`select pg_advisory_unlock(hashtext('andvari.test_template'))`;
    const url = withDatabase(serverUrl, name);
    const db = connectDb(url, { service: 'test', maxConnections: options.maxConnections ?? 10 });
    return { url, serviceUrl: asService(url), db, drop: () => drop(db, serverUrl, name) };
  } finally {
    await admin.end();
  }
}

async function makeTemplate(admin: Db, serverUrl: string, template: string, folders: readonly URL[]): Promise<void> {
  await admin.unsafe(`create database ${template}_new`);
  const db = connectDb(withDatabase(serverUrl, `${template}_new`), { maxConnections: 1 });
  await migrate(db, folders);
  if (folders.length > 0) await grantRows(db, SERVICE_ROLE);
  await db.end();
  await admin.unsafe(`alter database ${template}_new rename to ${template}`);
}

const SERVICE_ROLE = 'andvari_test_service';

async function makeServiceRole(admin: Db): Promise<void> {
  const [known] = await admin`select 1 from pg_roles where rolname = ${SERVICE_ROLE}`;
  if (known === undefined) await admin.unsafe(`create role ${SERVICE_ROLE} login password '${SERVICE_ROLE}'`);
}

function asService(ofAdmin: string): string {
  const url = new URL(ofAdmin);
  url.username = SERVICE_ROLE;
  url.password = SERVICE_ROLE;
  return url.href;
}

async function drop(db: Db, serverUrl: string, name: string): Promise<void> {
  await db.end({ timeout: 1 });
  const admin = connectDb(serverUrl, { maxConnections: 1 });
  await admin.unsafe(`drop database if exists ${name} with (force)`);
  await admin.end();
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function fingerprint(folders: readonly URL[]): string {
  const hash = createHash('sha256');
  for (const { name, checksum } of folders.flatMap(schemaFiles)) hash.update(name).update(checksum);
  return hash.digest('hex').slice(0, 24);
}
