import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_BODY_BYTES, readJsonObject } from '../src/http/read-body.ts';

let outcome: unknown;
const server = createServer((request: IncomingMessage, response) => {
  void readJsonObject(request)
    .catch((error: unknown) => error)
    .then((read) => {
      outcome = read;
      response.end();
    });
});
let port = 0;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

/** A request as it goes over the wire, and what was made of it. */
async function sent(body: string | Buffer, length = Buffer.byteLength(body), hangUp = false): Promise<unknown> {
  outcome = undefined;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`);
  socket.write(body, () => hangUp && socket.destroy());
  const made = await eventually(() => {
    expect(outcome).toBeDefined();
    return outcome;
  });
  socket.destroy();
  return made;
}

test.each<[what: string, body: string | Buffer, outcome: object]>([
  ['an object', '{"a":1}', { a: 1 }],
  ['null', 'null', { reason: 'not_json' }],
  ['a number', '7', { reason: 'not_json' }],
  ['an array', '[{}]', { reason: 'batch_not_allowed' }],
  ['half of JSON', '{"a":', { reason: 'not_json' }],
  ['what is no UTF-8', Buffer.from('7b2261223a22ff227d', 'hex'), { reason: 'not_json', field: 'body' }],
])('%s', async (_, body, made) => {
  expect(await sent(body)).toMatchObject(made);
});

test('a length that is too large is refused before anything of it has come', async () => {
  expect(await sent('{', MAX_BODY_BYTES + 1)).toMatchObject({ reason: 'body_too_large' });
  expect(await sent(`{}${' '.repeat(MAX_BODY_BYTES - 2)}`)).toEqual({});
});

test('of a client that hangs up half-way nothing is left waiting', async () => {
  expect(await sent('{"a":', 100, true)).toBeInstanceOf(Error);
});
