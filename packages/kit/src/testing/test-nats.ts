import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataHome } from '@andvari/servers/data-home';
import { type NatsUser, startNats } from '@andvari/servers/nats';
import { requirePrograms } from '@andvari/servers/programs';

export interface TestNats {
  url: string;
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Where it was before, with what it had, or with nothing. */
  restart(options?: { empty?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** A NATS of the test file's own: streams and consumers have fixed names, so services in two files would share them. */
export async function testNats(users: readonly NatsUser[] = []): Promise<TestNats> {
  const { nats: program } = await requirePrograms({ home: dataHome().path });
  const folder = mkdtempSync(join(tmpdir(), 'andvari-nats-'));
  chmodSync(folder, 0o711);
  const dataDir = join(folder, 'data');
  const start = (port?: number) => startNats({ program, dataDir, sync: false, users, port });
  let server = await start();
  const kill = (): Promise<void> => server.stop({ signal: 'SIGKILL' });
  return {
    url: server.url,
    kill,
    async restart({ empty = false } = {}) {
      if (empty) rmSync(join(dataDir, 'jetstream'), { recursive: true, force: true });
      server = await start(server.port);
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
