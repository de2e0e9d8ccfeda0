import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { connectDb } from '../src/db/db.ts';
import { databaseSocket } from '../src/db/socket.ts';

const stale = Buffer.from('Q\0\0\0\x0dselect 1\0');

test.each<[string, Buffer, Buffer]>([
  ['a greeting goes out as it is', greeting(), greeting()],
  ['what was meant for the connection before is dropped', Buffer.concat([stale, greeting()]), greeting()],
  ['much of it too', Buffer.concat([...Array.from({ length: 50 }, () => stale), greeting()]), greeting()],
  ['what holds no greeting goes out as it is', stale, stale],
])('%s', async (_, written, expected) => {
  const server = await listening();
  const socket = databaseSocket({ host: ['127.0.0.1'], port: [server.port], path: false, ...settings() });
  onTestFinished(() => void socket.destroy());
  socket.write(written);
  // Only the first thing that is said is a greeting.
  socket.end(stale);
  expect(await server.received()).toEqual(Buffer.concat([expected, stale]));
});

test('a real greeting is long enough to be written at once, without waiting for a turn that may be cancelled', async () => {
  const server = await listening();
  const db = connectDb(`postgres://user@127.0.0.1:${server.port}/none`, { maxConnections: 1 });
  onTestFinished(() => db.end({ timeout: 0 }));
  void db`select 1`.catch(() => undefined);
  const [first] = (await once(await server.connection, 'data')) as [Buffer];
  expect(first.readInt32BE(0)).toBe(first.length);
  expect(first.length).toBeGreaterThanOrEqual(1024);
});

test('an error’s close answers once more those who asked since; a close in good order does not', () => {
  const socket = databaseSocket({ host: ['127.0.0.1'], port: [1], path: false, ...settings() });
  const heard: string[] = [];
  socket.on('error', (error: Error & { code?: string }) => heard.push(error.code ?? ''));
  socket.on('close', () => heard.push('close'));
  socket.emit('close', true);
  socket.emit('close', false);
  expect(heard).toEqual(['CONNECTION_CLOSED', 'close', 'close']);
  socket.removeAllListeners();
  socket.on('error', () => undefined);
  socket.destroy();
});

test.each<[string, Record<string, number>, boolean]>([
  ['the first connection asks for the array types', {}, true],
  ['the next ones know them', { 20: 1016 }, false],
])('%s', (_, typeArrayMap, expected) => {
  const options = { host: ['127.0.0.1'], port: [1], path: false as const, ...settings(), shared: { typeArrayMap } };
  databaseSocket(options)
    .on('error', () => undefined)
    .destroy();
  expect(options.fetch_types).toBe(expected);
});

function settings() {
  return { fetch_types: true, shared: { typeArrayMap: {} } };
}

function greeting(): Buffer {
  const text = Buffer.from('user\0andvari\0database\0none\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(text.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, text]);
}

async function listening() {
  const connection = Promise.withResolvers<Socket>();
  const server = createServer((socket) => connection.resolve(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return {
    port: (server.address() as AddressInfo).port,
    connection: connection.promise,
    async received(): Promise<Buffer> {
      const chunks: Buffer[] = [];
      for await (const chunk of await connection.promise) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
  };
}
