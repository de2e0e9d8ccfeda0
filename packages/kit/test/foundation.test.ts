import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import { Secret } from '../src/base/config.ts';
import { transaction } from '../src/db/db.ts';
import { serve } from '../src/rpc/server.ts';
import { openFoundation } from '../src/service/foundation.ts';
import { eventually } from '../src/testing/eventually.ts';
import { ownNats } from '../src/testing/own-servers.ts';
import { testCertificates } from '../src/testing/test-certificates.ts';
import { testDatabase } from '../src/testing/test-database.ts';
import { testScope } from '../src/testing/test-scope.ts';
import { callerKey, EchoService, echoClient, once, rejection, same } from './echo-service.ts';

/** A foundation on a database and a NATS of its own. */
async function openOwn(variables: { TLS_DIR?: string } = {}) {
  const nats = await ownNats();
  const database = await testDatabase(inject('postgresUrl'), []);
  const migrations = mkdtempSync(join(tmpdir(), 'andvari-no-migrations-'));
  const scope = testScope();
  onTestFinished(async () => {
    await scope.close();
    await database.drop();
    await nats.remove();
    rmSync(migrations, { recursive: true });
  });
  const config = {
    ENVIRONMENT: 'test',
    LISTEN_HOST: '127.0.0.1',
    GRPC_PORT: 0,
    ADMIN_PORT: 0,
    CALLER_KEY: callerKey,
    POSTGRES_URL: new Secret(database.url),
    POSTGRES_CONNECTIONS: 3,
    NATS_URL: new Secret(nats.url),
    NATS_STREAM_MB: 64,
    TRACE_SAMPLE_RATIO: 0,
    ...variables,
  };
  const needs = { migrations: pathToFileURL(`${migrations}/`), streams: ['USER'] as const };
  const kit = await openFoundation(scope, 'probe', config, needs);
  const figures = async (): Promise<Map<string, number>> => {
    const { body } = await kit.metrics.scrape();
    const lines = body.split('\n').filter((line) => !line.startsWith('#') && line !== '');
    return new Map(
      lines.map((line) => {
        const end = line.lastIndexOf(' ');
        const name = line
          .slice(0, end)
          .replace(/,?service="probe"/, '')
          .replace('{}', '');
        return [name, Number(line.slice(end))];
      }),
    );
  };
  return { ...kit, server: nats, figures };
}

test('a service with an outbox stays ready while NATS is away, and its metrics tell', async () => {
  const { server, health, figures } = await openOwn();
  health.started();
  expect(await health.problems()).toEqual([]);
  expect((await figures()).get('nats_connected')).toBe(1);
  await server.kill();
  await eventually(async () => expect((await figures()).get('nats_connected')).toBe(0));
  expect(await health.problems()).toEqual([]);
  await server.start();
  await eventually(async () => expect((await figures()).get('nats_connected')).toBe(1));
  expect((await figures()).get('nats_reconnects_total')).toBe(1);
});

test('with a folder of certificates it is called, and calls, with mutual TLS', async () => {
  const certificates = testCertificates();
  onTestFinished(certificates.remove);
  certificates.authority('ours');
  certificates.identity('probe', 'ours', 'DNS:localhost');
  const kit = await openOwn({ TLS_DIR: certificates.dir('probe') });
  const { port } = await kit.serve(serve(EchoService, { ask: same, tell: same, list: once }));
  const stranger = echoClient(`127.0.0.1:${port}`, { idempotent: [] });
  expect(await rejection(stranger.ask({ text: 'hello' }))).toMatchObject({ code: 'unavailable' });
  const own = kit.connect(EchoService, `localhost:${port}`, { idempotent: [] });
  expect(await own.ask({ text: 'hello' })).toEqual({ text: 'hello' });
});

test('streams have a limit of bytes', async () => {
  const { nats } = await openOwn();
  const limits = await Promise.all(
    ['USER', 'DEAD'].map(async (name) => (await nats.jsm.streams.info(name)).config.max_bytes),
  );
  expect(limits).toEqual([64 * 1024 * 1024, 64 * 1024 * 1024]);
});

test('transactions are counted while they have a connection, and measured from being asked for', async () => {
  const { db, figures } = await openOwn();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const working = [1, 2].map(() => transaction(db, () => gate));
  const inTransaction = async () => (await figures()).get('db_pool_connections{state="in_transaction"}');
  await eventually(async () => expect(await inTransaction()).toBe(2));
  open();
  await Promise.all(working);
  await expect(transaction(db, (tx) => tx`select 1 / 0`)).rejects.toThrow('division by zero');
  const after = await figures();
  expect(after.get('db_pool_connections{state="in_transaction"}')).toBe(0);
  expect(after.get('db_pool_connections{state="limit"}')).toBe(3);
  expect(after.get('db_pool_wait_seconds_count')).toBe(after.get('db_transaction_seconds_count'));
  expect(after.get('db_transaction_seconds_count')).toBeGreaterThanOrEqual(3);
});

test('who holds a lock says so', async () => {
  const { figures } = await openOwn();
  await eventually(async () => expect((await figures()).get('lock_held{lock="outbox relay"}')).toBe(1));
});
