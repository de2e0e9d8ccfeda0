import { createServer, constants as http2, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { status } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { withRefusedSentAgain } from '../src/rpc/client-retries.ts';
import type { OutgoingCall } from '../src/rpc/client-unary.ts';
import { serviceError } from '../src/rpc/status.ts';
import { serialize } from './echo-definition.ts';
import { all, EchoService, echoClient, rejection } from './echo-service.ts';

/** A service whose connection ends under so many calls of each method: it refuses them unseen, and answers those after. */
async function refusing(times: number): Promise<{ address: string; streamsOf: (path: string) => number }> {
  const streams = new Map<string, number>();
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, { ':path': path = '' }) => {
    const count = (streams.get(path) ?? 0) + 1;
    streams.set(path, count);
    if (count > times) return answer(stream);
    // Node tells an own refusal as an error of the stream.
    stream.on('error', () => undefined).close(http2.NGHTTP2_REFUSED_STREAM);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, streamsOf: (path) => streams.get(path) ?? 0 };
}

function answer(stream: ServerHttp2Stream): void {
  const message = serialize({ text: 'answered' });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat([prefix, message]));
}

test('a call and a stream that a closing connection refused twice come through, though neither may be done twice', async () => {
  const { address, streamsOf } = await refusing(2);
  const { tell, list } = echoClient(address, { idempotent: [] });
  expect(await tell({ text: '' })).toEqual({ text: 'answered' });
  expect(await all(list({ text: '' }))).toEqual([{ text: 'answered' }]);
  expect([streamsOf(EchoService.tell.path), streamsOf(EchoService.list.path)]).toEqual([3, 3]);
});

test('what is refused again and again is told', async () => {
  const { address, streamsOf } = await refusing(100);
  const { tell, list } = echoClient(address, { idempotent: [] });
  expect(await rejection(tell({ text: '' }))).toMatchObject({ code: 'unavailable' });
  expect(await rejection(all(list({ text: '' })))).toMatchObject({ code: 'unavailable' });
  expect([streamsOf(EchoService.tell.path), streamsOf(EchoService.list.path)]).toEqual([3, 3]);
});

test.each(['Stream refused by server', 'Write error: Stream closed with error code NGHTTP2_REFUSED_STREAM'])(
  'grpc tells a refusal in two ways: %s',
  async (details) => {
    let sent = 0;
    const send = withRefusedSentAgain(() => {
      sent += 1;
      return sent <= 2 ? Promise.reject(serviceError(status.UNAVAILABLE, details)) : Promise.resolve('answered');
    });
    expect(await send({} as OutgoingCall)).toBe('answered');
  },
);

test.each([
  [status.UNAVAILABLE, 'Connection dropped'],
  [status.UNAVAILABLE, 'overloaded'],
  [status.INTERNAL, 'Stream refused by server'],
])('what failed otherwise may have been done, and is not sent again: %i, %s', async (code, details) => {
  let sent = 0;
  const send = withRefusedSentAgain(() => {
    sent += 1;
    return Promise.reject(serviceError(code, details));
  });
  expect(await rejection(send({} as OutgoingCall))).toMatchObject({ code, details });
  expect(sent).toBe(1);
});
