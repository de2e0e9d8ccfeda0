import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { testScope } from '@andvari/kit/testing/test-scope';
import { expect, test } from 'vitest';
import { listen } from '../src/http/listen.ts';

/** As proxies and programs call: many requests over one connection, one after the other without a pause. */
test('whoever keeps a connection is told at the end that it is the last answer, and no request is cut off', async () => {
  const scope = testScope();
  const arrived = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const server = createServer((incoming, response) => {
    if (incoming.url !== '/slow') return void response.end('quick');
    arrived.resolve();
    void goOn.promise.then(() => response.end('slow'));
  });
  const port = await listen(scope, server, { port: 0, host: '127.0.0.1' });
  const [busy, waiting] = [
    new Agent({ keepAlive: true, maxSockets: 1 }),
    new Agent({ keepAlive: true, maxSockets: 1 }),
  ];
  expect(await ask(port, '/', busy)).toMatchObject({ connection: 'keep-alive' });

  const slow = ask(port, '/slow', waiting);
  await arrived.promise;
  let isClosed = false;
  const answers: string[] = [];
  const asking = (async () => {
    while (answers.at(-1) !== 'close') answers.push((await ask(port, '/', busy)).connection);
  })();
  await expectSome(answers);
  const startedAt = performance.now();
  const closing = scope.close().then(() => (isClosed = true));
  await asking;
  expect(isClosed).toBe(false);
  goOn.resolve();
  expect(await slow).toEqual({ status: 200, connection: 'close' });
  await closing;
  // Long before those that nobody ends are cut off.
  expect(performance.now() - startedAt).toBeLessThan(4000);
  for (const agent of [busy, waiting]) agent.destroy();
});

async function expectSome(answers: readonly string[]): Promise<void> {
  while (answers.length < 3) await new Promise((resolve) => setImmediate(resolve));
}

async function ask(port: number, path: string, agent: Agent): Promise<{ status: number; connection: string }> {
  const asked = request({ port, host: '127.0.0.1', path, agent });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return { status: answer.statusCode ?? 0, connection: answer.headers.connection ?? '' };
}
