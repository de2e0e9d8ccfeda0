import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsPermissions } from '@andvari/deploy/nats-permissions';
import { services } from '@andvari/deploy/services';
import { Secret } from '@andvari/kit/base/config';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { openLog } from '@andvari/kit/observe/log';
import { Scope } from '@andvari/kit/process/scope';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { startNats } from '@andvari/servers/nats';
import { startPostgres } from '@andvari/servers/postgres';
import { requirePrograms } from '@andvari/servers/programs';
import type { Server } from '@andvari/servers/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabases, type DatabaseUrls } from '../src/databases.ts';
import { natsUrlsOf, natsUsersOf } from '../src/nats-users.ts';
import { databasePermissionTests, databases, makeStreams, natsPermissionTests } from './permission-cases.ts';

/** As the launcher provides them: whoever gets hold of one service's credentials gets hold of nothing of another's. */
const folder = mkdtempSync(join(tmpdir(), 'andvari-privilege-'));
const scope = new Scope(openLog('least-privilege', 'silent'));
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
  await makeStreams(all);
  const urlOf = natsUrlsOf(broker.url, users);
  for (const { name } of services) {
    connections.set(name, await openNats(scope, { url: new Secret(urlOf(name)), service: name }));
  }
});

afterAll(async () => {
  await scope.close();
  for (const server of servers) await server.stop({ signal: 'SIGKILL' });
  rmSync(folder, { recursive: true, force: true });
});

databasePermissionTests(() => urls);
natsPermissionTests(connections);

test('every service that speaks to NATS has a user there', () => {
  const without = services.filter(({ name, nats }) => nats && natsPermissions(name) === undefined);
  expect(without).toEqual([]);
});
