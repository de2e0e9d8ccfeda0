import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nowhere } from './nowhere.ts';

/** As a process that is stopped: the kernel takes connections for it, and nobody ever says a word. */
async function portOfOneThatHangs(): Promise<number> {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test.each<[server: string, words: string[], said: RegExp]>([
  ['NATS', ['events', 'tail'], /^NATS does not answer: docs\/runbooks\/nats-down\.md\n$/],
  [
    'PostgreSQL',
    ['dead-letters', 'ls'],
    /^PostgreSQL does not answer: docs\/runbooks\/postgres-down\.md \(CONNECT_TIMEOUT\)\n$/,
  ],
])('a %s that hangs is said, and the command ends', { timeout: 60_000 }, async (_, words, said) => {
  const address = `127.0.0.1:${await portOfOneThatHangs()}`;
  const folder = mkdtempSync(join(tmpdir(), 'andvari-hanging-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const system = join(folder, 'system.json');
  const databases = { order_db: `postgres://andvari:secret@${address}/order_db` };
  writeFileSync(system, JSON.stringify({ ...nowhere, nats: `nats://${address}`, databases }));
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts'), ...words, '--system', system], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let complained = '';
  child.stderr.on('data', (text: Buffer) => (complained += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, complained }).toEqual({ code: 1, complained: expect.stringMatching(said) });
});
