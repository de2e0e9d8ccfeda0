import { natsPermissions } from '@andvari/deploy/nats-permissions';
import { services } from '@andvari/deploy/services';
import type { Nats } from '@andvari/kit/nats/nats';
import { ensureStreams, type StreamName } from '@andvari/kit/nats/streams';
import postgres from 'postgres';
import { describe, expect, test } from 'vitest';
import type { DatabaseUrls } from '../src/databases.ts';

/** What a service may do and what not, asked of real servers: whoever provides them, the launcher, the chart or a compose file, the answers are the same. */
export const databases = services.flatMap(({ name, database }) => (database === undefined ? [] : [{ name, database }]));

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

const streams: StreamName[] = [
  ...(['AUTH', 'COMMANDS', 'EXECUTIONS', 'MARKET', 'ORDER'] as const),
  ...(['PORTFOLIO', 'SECURITY', 'USER', 'DEAD'] as const),
];

/** All there are, made by whoever may do everything. */
export const makeStreams = (nats: Nats): Promise<void> => ensureStreams(nats, streams);

/** Whether NATS lets the service send this; whether anybody answers is another matter. */
export async function maySend(nats: Nats | undefined, subject: string): Promise<boolean> {
  if (nats === undefined) throw new Error('there is no connection');
  const { connection } = nats;
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

async function mayHear(nats: Nats | undefined, subject: string): Promise<boolean> {
  if (nats === undefined) throw new Error('there is no connection');
  const { connection } = nats;
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

export function databasePermissionTests(urls: () => Readonly<Record<string, DatabaseUrls>>): void {
  describe('PostgreSQL', () => {
    const pairs = databases.flatMap(({ name }) => databases.map(({ database }) => ({ name, database })));
    test.each(pairs)('$name at $database', async ({ name, database }) => {
      const own = databases.find((one) => one.name === name)?.database ?? '';
      const url = new URL(urls()[own]?.url ?? '');
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
      const owner = postgres(urls()[database]?.ownerUrl ?? '', { max: 1, onnotice: () => {} });
      await owner`create table kept (n bigint)`;
      await owner.end();
      const sql = postgres(urls()[database]?.url ?? '', { max: 1, onnotice: () => {} });
      await expect(sql`create table other (n bigint)`).rejects.toMatchObject({ code: '42501' });
      await expect(sql`drop table kept`).rejects.toMatchObject({ code: '42501' });
      await sql.end();
    });
  });
}

/** By the connection of each service. */
export function natsPermissionTests(connections: ReadonlyMap<string, Nats>): void {
  describe('NATS', () => {
    const told = services.flatMap(({ name }) => Object.keys(sayers).map((subject) => ({ name, subject })));
    test.each(told)('$name at $subject', async ({ name, subject }) => {
      expect(await maySend(connections.get(name), subject)).toBe(sayers[subject]?.includes(name));
    });

    const inboxes = services.flatMap(({ name }) => services.map((other) => ({ name, other: other.name })));
    test.each(inboxes)('$name at the answers to $other', async ({ name, other }) => {
      expect(await mayHear(connections.get(name), `_INBOX.${other}.listening.*`)).toBe(name === other);
    });

    test.each(services)('$name hears nothing of everything', async ({ name }) => {
      expect(await mayHear(connections.get(name), '>')).toBe(false);
      expect(await mayHear(connections.get(name), '_INBOX.>')).toBe(false);
    });

    const read = services.flatMap(({ name }) => streams.map((stream) => ({ name, stream })));
    test.each(read)('$name at the stream $stream: it reads what its part is, and removes nothing', async (pair) => {
      const { name, stream } = pair;
      const reads = natsPermissions(name)?.publish.includes(`$JS.API.CONSUMER.CREATE.${stream}`);
      expect(await maySend(connections.get(name), `$JS.API.CONSUMER.CREATE.${stream}`)).toBe(reads);
      expect(await maySend(connections.get(name), `$JS.API.STREAM.DELETE.${stream}`)).toBe(false);
      expect(await maySend(connections.get(name), `$JS.API.STREAM.PURGE.${stream}`)).toBe(
        name === 'engine' && stream === 'COMMANDS',
      );
    });
  });
}
