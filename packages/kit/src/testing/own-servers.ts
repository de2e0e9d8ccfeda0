import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataHome } from '@andvari/servers/data-home';
import { startNats } from '@andvari/servers/nats';
import { startPostgres } from '@andvari/servers/postgres';
import { requirePrograms } from '@andvari/servers/programs';
import { startRedis } from '@andvari/servers/redis';

/** A server of the test's own, so that it may be killed: it comes back on the same port with the same data. */
export interface OwnServer {
  url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function ownNats(): Promise<OwnServer> {
  const { nats: program } = await requirePrograms({ home: dataHome().path });
  return own('SIGKILL', (dataDir, port) => startNats({ program, dataDir, sync: false, ...port }));
}

export async function ownPostgres(): Promise<OwnServer> {
  const { postgres: program } = await requirePrograms({ home: dataHome().path });
  // SIGQUIT is PostgreSQL's own way to drop dead; it recovers from its log at the next start.
  return own('SIGQUIT', (dataDir, port) => startPostgres({ program, dataDir, settings: { fsync: 'off' }, ...port }));
}

export async function ownRedis(): Promise<OwnServer> {
  const { redis: program } = await requirePrograms({ home: dataHome().path });
  return own('SIGTERM', (dataDir, port) => startRedis({ program, dataDir, ...port }));
}

async function own(
  signal: NodeJS.Signals,
  launch: (dataDir: string, port: { port?: number }) => ReturnType<typeof startNats>,
): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'andvari-own-'));
  chmodSync(folder, 0o711);
  const dataDir = join(folder, 'data');
  let server = await launch(dataDir, {});
  const { url, port } = server;
  return {
    url,
    kill: () => server.stop({ signal }),
    async start() {
      server = await launch(dataDir, { port });
    },
    async remove() {
      await server.stop({ signal });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
