import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataHome } from '@andvari/servers/data-home';
import { startNats } from '@andvari/servers/nats';
import { requirePrograms } from '@andvari/servers/programs';

/** A NATS of the test file's own: streams and consumers have fixed names, so services in two files would share them. */
export async function testNats(): Promise<{ url: string; stop(): Promise<void> }> {
  const { nats: program } = await requirePrograms({ home: dataHome().path });
  const folder = mkdtempSync(join(tmpdir(), 'andvari-nats-'));
  chmodSync(folder, 0o711);
  const server = await startNats({ program, dataDir: join(folder, 'data'), sync: false });
  return {
    url: server.url,
    async stop() {
      await server.stop({ signal: 'SIGKILL' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
