import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsPermissions } from '@andvari/deploy/nats-permissions';
import { services } from '@andvari/deploy/services';
import { Secret } from '@andvari/kit/base/config';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { ensureStreams, type StreamName } from '@andvari/kit/nats/streams';
import { openLog } from '@andvari/kit/observe/log';
import { Scope } from '@andvari/kit/process/scope';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { startNats } from '@andvari/servers/nats';
import { startPostgres } from '@andvari/servers/postgres';
import { requirePrograms } from '@andvari/servers/programs';
import type { Server } from '@andvari/servers/server';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabases, type DatabaseUrls } from '../src/databases.ts';
import { natsUrlsOf, natsUsersOf } from '../src/nats-users.ts';

/** As the launcher provides them: whoever gets hold of one service's credentials gets hold of nothing of another's. */
const folder = mkdtempSync(join(tmpdir(), 'andvari-privilege-'));
const scope = new Scope(openLog('least-privilege', 'silent'));
const databases = services.flatMap(({ name, database }) => (database === undefined ? [] : [{ name, database }]));
/** Who may say what. Who consumes it is not among them: a dead letter is applied where it lies (docs/decisions/0062). */
const sayers: Readonly<Record<string, readonly string[]>> = {
  'user.profile.updated.1': ['user'],
  'user.registered.1': ['auth', 'user'],
  'user.erased.1.auth': ['auth', 'user'],
  'auth.password.changed.1': ['auth'],
  'auth.session.revoked.1': ['auth'],
  'security.roles.changed.1': ['security'],
  'security.audit.checkpoint_signed': ['security'],
  'market.symbol.halted.AAPL': ['stock'],
  'market.instrument.changed.AAPL': ['stock'],
  'portfolio.account.opened.1': ['portfolio'],
  'portfolio.funding.changed.1': ['portfolio'],
  'order.placed.1': ['order'],
  'exec.0.1.fill': ['engine'],
  'exec.0.1.canceled': ['engine'],
  // Three give the engine commands: orders, the calendar, the house.
  'cmd.0.AAPL': ['order', 'stock', 'engine'],
  'md.book.AAPL': ['engine'],
  'md.trade.AAPL': ['engine'],
  'md.quote.AAPL': ['stock'],
  '$KV.engine-leases.0': ['engine'],
  '$O.engine-snapshots.C.x': ['engine'],
};

let urls: Record<string, DatabaseUrls>;
const servers: Server[] = [];
const connections = new Map<string, Nats>();

beforeAll(async () => {
  chmodSync(folder, 0o755);
  const programs = await requirePrograms({ home: dataHome(checkoutRoot).path });
  const users = natsUsersOf(services, folder);
  const [database, broker] = await Promise.all([
    startPostgres({ program: programs.postgres, dataDir: join(folder, 'postgres'), settings: { fsync: 'off' } }),
    startNats({ program: programs.nats, dataDir: join(folder, 'nats'), sync: false, users }),
  ]);
  servers.push(database, broker);
  urls = await createDatabases(
    database.url,
    databases.map((one) => one.database),
    folder,
  );
  const all = await openNats(scope, { url: new Secret(broker.url), service: 'all' });
  await ensureStreams(all, streams);
  const urlOf = natsUrlsOf(broker.url, users);
  for (const { name } of services) {
    connections.set(name, await openNats(scope, { url: new Secret(urlOf(name)), service: name }));
  }
}, 60_000);

afterAll(async () => {
  await scope.close();
  for (const server of servers) await server.stop({ signal: 'SIGKILL' });
  rmSync(folder, { recursive: true, force: true });
});

const streams: StreamName[] = [
  ...(['AUTH', 'COMMANDS', 'EXECUTIONS', 'MARKET', 'ORDER'] as const),
  ...(['PORTFOLIO', 'SECURITY', 'USER', 'DEAD'] as const),
];

/** Whether NATS lets the service send this; whether anybody answers is another matter. */
async function maySend(service: string, subject: string): Promise<boolean> {
  const connection = connections.get(service)?.connection;
  if (connection === undefined) throw new Error(`${service} has no connection`);
  try {
    await connection.request(subject, '', { timeout: 2000 });
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.cause instanceof Error && error.cause.name === 'PermissionViolationError') return false;
    if (/no responders/i.test(error.message)) return true;
    throw error;
  }
}

async function mayHear(service: string, subject: string): Promise<boolean> {
  const connection = connections.get(service)?.connection;
  if (connection === undefined) throw new Error(`${service} has no connection`);
  const subscription = connection.subscribe(subject, { callback: () => undefined });
  const refused = subscription.closed.then(
    (error) => error instanceof Error,
    () => true,
  );
  // The server answers in order: what it says no to it has said no to before the answer to this.
  await connection.flush();
  const isRefused = await Promise.race([refused, Promise.resolve(false)]);
  if (!isRefused) subscription.unsubscribe();
  return !isRefused;
}

describe('PostgreSQL', () => {
  const pairs = databases.flatMap(({ name }) => databases.map(({ database }) => ({ name, database })));
  test.each(pairs)('$name at $database', async ({ name, database }) => {
    const own = databases.find((one) => one.name === name)?.database ?? '';
    const url = new URL(urls[own]?.url ?? '');
    url.pathname = `/${database}`;
    const sql = postgres(url.href, { max: 1, onnotice: () => {} });
    const asked = sql`select current_database() as name`.then(
      () => 'let in',
      (error: postgres.PostgresError) => error.code,
    );
    expect(await asked).toBe(own === database ? 'let in' : '42501');
    await sql.end();
  });

  test.each(databases)('$name owns none of its tables: it may neither make nor drop one', async ({ database }) => {
    const owner = postgres(urls[database]?.ownerUrl ?? '', { max: 1, onnotice: () => {} });
    await owner`create table kept (n bigint)`;
    await owner.end();
    const sql = postgres(urls[database]?.url ?? '', { max: 1, onnotice: () => {} });
    await expect(sql`create table other (n bigint)`).rejects.toMatchObject({ code: '42501' });
    await expect(sql`drop table kept`).rejects.toMatchObject({ code: '42501' });
    await sql.end();
  });
});

describe('NATS', () => {
  const told = services.flatMap(({ name }) => Object.keys(sayers).map((subject) => ({ name, subject })));
  test.each(told)('$name at $subject', async ({ name, subject }) => {
    expect(await maySend(name, subject)).toBe(sayers[subject]?.includes(name));
  });

  const inboxes = services.flatMap(({ name }) => services.map((other) => ({ name, other: other.name })));
  test.each(inboxes)('$name at the answers to $other', async ({ name, other }) => {
    expect(await mayHear(name, `_INBOX.${other}.listening.*`)).toBe(name === other);
  });

  test.each(services)('$name hears nothing of everything', async ({ name }) => {
    expect(await mayHear(name, '>')).toBe(false);
    expect(await mayHear(name, '_INBOX.>')).toBe(false);
  });

  const read = services.flatMap(({ name }) => streams.map((stream) => ({ name, stream })));
  test.each(read)('$name at the stream $stream: it reads what its part is, and removes nothing', async (pair) => {
    const { name, stream } = pair;
    const reads = natsPermissions(name)?.publish.includes(`$JS.API.CONSUMER.CREATE.${stream}`);
    expect(await maySend(name, `$JS.API.CONSUMER.CREATE.${stream}`)).toBe(reads);
    expect(await maySend(name, `$JS.API.STREAM.DELETE.${stream}`)).toBe(false);
    expect(await maySend(name, `$JS.API.STREAM.PURGE.${stream}`)).toBe(name === 'engine' && stream === 'COMMANDS');
  });
});

test('every service that speaks to NATS has a user there', () => {
  const without = services.filter(({ name, nats }) => nats && natsPermissions(name) === undefined);
  expect(without).toEqual([]);
});
