import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@andvari/kit/config';
import { connectDb } from '@andvari/kit/db';
import { openMetrics } from '@andvari/kit/metrics';
import { connectRpc, type RpcClient } from '@andvari/kit/rpc-client';
import type { Definition } from '@andvari/kit/rpc-types';
import { eventually } from '@andvari/kit/testing/eventually';
import { infraUrls } from '@andvari/kit/testing/infra-urls';
import { testNats } from '@andvari/kit/testing/test-nats';
import { testScope } from '@andvari/kit/testing/test-scope';
import { type Child, startChild } from '@andvari/local/child';
import { checkoutRoot } from '@andvari/local/data-home';
import { createDatabases } from '@andvari/local/databases';
import { keepSecret } from '@andvari/local/keep-secret';
import { assignPorts } from '@andvari/local/ports';
import { environmentOf, mainOf, type Service, type Surroundings, services } from '@andvari/local/services';

/** The real system: every service a process of its own, on free ports, with databases and streams of its own. */
export interface System {
  /** Where the gateway listens. */
  url: string;
  /** Everything that any process has printed. */
  logs(): string;
  /** A service's methods, called as another service would. */
  client<D extends Definition>(name: string, definition: D): RpcClient<D>;
  stop(name: string, signal?: NodeJS.Signals): Promise<void>;
  start(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function startSystem(names: readonly string[], env: Record<string, string> = {}): Promise<System> {
  const home = mkdtempSync(join(tmpdir(), 'andvari-e2e-'));
  const nats = await testNats();
  const scope = testScope();
  const table = await assignPorts(
    services.filter(({ name }) => names.includes(name)),
    'free',
  );
  const databases = table.flatMap(({ database }) => (database === undefined ? [] : [database]));
  await dropDatabases(databases);
  const around: Surroundings = {
    databaseUrls: await createDatabases(infraUrls().postgresUrl, databases, home),
    natsUrl: nats.url,
    redisUrl: infraUrls().redisUrl,
    all: table,
    compileCache: join(checkoutRoot, '.data', 'compile-cache'),
    secret: (name) => keepSecret(join(home, name)),
  };

  const children = new Map<string, Child>();
  let logs = '';
  const start = async (service: Service): Promise<void> => {
    const child = await startChild({
      command: process.execPath,
      args: [mainOf(checkoutRoot, service)],
      env: { ...environmentOf(service, around), LOG_LEVEL: 'debug', ...env },
      stopSignal: 'SIGKILL',
      output: 'pipe',
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        logs += chunk.toString();
      });
    }
    children.set(service.name, child);
    await eventually(
      async () => {
        if (child.hasExited()) return;
        const answer = await fetch(`http://127.0.0.1:${service.adminPort}/readyz`);
        if (!answer.ok) throw new Error(`${service.name}: ${await answer.text()}`);
      },
      { timeoutMs: 40_000 },
    );
    if (child.hasExited()) throw new Error(`${service.name} ended: ${logs.slice(-3000)}`);
  };
  const serviceNamed = (name: string): Service => {
    const found = table.find((service) => service.name === name);
    if (found === undefined) throw new Error(`${name} is not part of this system`);
    return found;
  };

  await Promise.all(table.map(start));
  const metrics = openMetrics('e2e', { runtime: false });
  return {
    url: `http://127.0.0.1:${serviceNamed('gateway').port}`,
    logs: () => logs,
    client: (name, definition) =>
      connectRpc(scope, definition, {
        address: `127.0.0.1:${serviceNamed(name).port}`,
        service: 'e2e',
        callerKey: new Secret(around.secret('CALLER_KEY')),
        metrics,
        idempotent: [],
      }),
    async stop(name, signal = 'SIGTERM') {
      await children.get(name)?.stop({ signal, graceMs: 11_000 });
    },
    start: (name) => start(serviceNamed(name)),
    async close() {
      await Promise.all([...children.values()].map((child) => child.stop({ signal: 'SIGTERM', graceMs: 11_000 })));
      await scope.close();
      await dropDatabases(databases);
      await nats.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Their names are fixed, so a file starts from nothing and leaves nothing. */
async function dropDatabases(names: readonly string[]): Promise<void> {
  const admin = connectDb(infraUrls().postgresUrl, { maxConnections: 1 });
  for (const name of names) await admin.unsafe(`drop database if exists "${name}" with (force)`);
  await admin.end();
}
