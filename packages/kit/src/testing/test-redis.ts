import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataHome } from '@andvari/servers/data-home';
import { requirePrograms } from '@andvari/servers/programs';
import { startRedis } from '@andvari/servers/redis';

export interface TestRedis {
  url: string;
  /** Ends it in the middle of whatever it does; what it held is lost. */
  kill(): Promise<void>;
  /** Empty, and where it was before. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A Redis of the test file's own, which it may kill while others go on with theirs. */
export async function testRedis(): Promise<TestRedis> {
  const { redis: program } = await requirePrograms({ home: dataHome().path });
  const folder = mkdtempSync(join(tmpdir(), 'andvari-redis-'));
  chmodSync(folder, 0o711);
  const start = (port?: number) => startRedis({ program, dataDir: join(folder, 'data'), port });
  let server = await start();
  const kill = (): Promise<void> => server.stop({ signal: 'SIGKILL' });
  return {
    url: server.url,
    kill,
    async restart() {
      server = await start(server.port);
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
