import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPERATOR_TOOL } from '@andvari/deploy/services';
import { Secret } from '@andvari/kit/base/config';
import { AppError } from '@andvari/kit/base/errors';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { serve, serveRpc } from '@andvari/kit/rpc/server';
import { testScope } from '@andvari/kit/testing/test-scope';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { expect, onTestFinished, test } from 'vitest';
import { importersOf } from '../src/commands/seed.ts';
import { CommandError } from '../src/system.ts';
import { inWorld } from '../src/world.ts';
import { nowhere } from './nowhere.ts';
import { runWords } from './run-words.ts';

const noOne = { address: '127.0.0.1:1', admin: 'http://127.0.0.1:1' };

test('a NATS that does not answer is said, and not waited for as a service waits', async () => {
  const asked = inWorld(nowhere, (world) => world.nats(), { natsPatienceMs: 50 });
  await expect(asked).rejects.toThrow(new CommandError('NATS does not answer: docs/runbooks/nats-down.md'));
});

test('services that ask for certificates are shown the one of operators', { timeout: 60_000 }, async () => {
  const scope = testScope();
  const folder = mkdtempSync(join(tmpdir(), 'andvari-world-'));
  onTestFinished(async () => {
    await scope.close();
    rmSync(folder, { recursive: true });
  });
  await runWords('certs', folder);
  const key = 'k'.repeat(43);
  const { port } = await serveRpc(scope, {
    port: 0,
    services: [serve({ importUsers: AuthServiceService.importUsers }, { importUsers: async () => ({ imported: 7 }) })],
    callers: new Map([[OPERATOR_TOOL.name, new Secret(key)]]),
    metrics: openMetrics('auth', { runtime: false }),
    tlsDir: join(folder, 'auth'),
  });
  const places = {
    ...nowhere,
    services: { auth: { ...noOne, address: `localhost:${port}` } },
    keys: { auth: key },
    tls: join(folder, OPERATOR_TOOL.name),
  };
  const imported = await inWorld(places, (world) =>
    world.rpc('auth', AuthServiceService).importUsers({ password: '', users: [] }),
  );
  expect(imported).toEqual({ imported: 7 });
});

test('people whose import was not heard are sent again', async () => {
  const scope = testScope();
  onTestFinished(() => void scope.close());
  const key = 'k'.repeat(43);
  let tries = 0;
  const importUsers = async () => {
    tries += 1;
    if (tries === 1) throw new AppError('unavailable', 'just now the connection ends');
    return { imported: 7 };
  };
  const { port } = await serveRpc(scope, {
    port: 0,
    services: [serve({ importUsers: AuthServiceService.importUsers }, { importUsers })],
    callers: new Map([[OPERATOR_TOOL.name, new Secret(key)]]),
    metrics: openMetrics('auth', { runtime: false }),
  });
  const services = { auth: { ...noOne, address: `127.0.0.1:${port}` }, user: noOne, order: noOne, portfolio: noOne };
  const imported = await inWorld(
    { ...nowhere, services, keys: { auth: key, user: key, order: key, portfolio: key } },
    (world) => importersOf(world).auth.importUsers({ password: '', users: [] }),
  );
  expect({ tries, imported }).toMatchObject({ tries: 2, imported: { imported: 7 } });
});
