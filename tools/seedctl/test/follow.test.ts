import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@andvari/kit/base/config';
import { openNats } from '@andvari/kit/nats/nats';
import { eventually } from '@andvari/kit/testing/eventually';
import { infraUrls } from '@andvari/kit/testing/infra-urls';
import { testScope } from '@andvari/kit/testing/test-scope';
import { headers } from '@nats-io/transport-node';
import { expect, onTestFinished, test } from 'vitest';
import { commands } from '../src/commands.ts';
import { runSeedctl } from '../src/run.ts';
import { nowhere } from './nowhere.ts';

test('the last of a subject are found wherever in the stream they lie, and all where there are fewer', async () => {
  const { tell, tail, shown } = await followedStream();
  await tell('few', 3);
  await tell('many', 200);
  expect(await tail('few', '--last', '2')).toBe(0);
  expect(shown()).toEqual(['1', '2']);
  expect(await tail('few', '--last', '4')).toBe(0);
  expect(shown().slice(2)).toEqual(['0', '1', '2']);
  expect(await tail('>', '--last', '2')).toBe(0);
  expect(shown().slice(5)).toEqual(['201', '202']);
});

test('whoever follows misses none between the last and those that come, and sees none twice', async () => {
  const { tell, tail, shown, cut } = await followedStream();
  await tell('told', 50);
  const code = tail('told', '--last', '10000', '--follow');
  await eventually(async () => {
    await tell('told', 20);
    expect(shown().length).toBeGreaterThan(200);
  });
  cut();
  await code;
  expect(shown()).toEqual(shown().map((_, number) => `${number}`));
});

test('events that are followed end where the connection is lost, and it is said', async () => {
  const { tell, tail, shown, cut, complained } = await followedStream();
  await tell('told');
  const code = tail('told', '--follow');
  await eventually(() => expect(shown()).toEqual(['0']));
  cut();
  expect(await code).toBe(1);
  expect(complained.join('\n')).toContain('The connection to NATS was lost: docs/runbooks/nats-down.md');
});

/** A stream of one's own, seedctl's terminal, and a way to the server that can be cut. */
async function followedStream() {
  const scope = testScope();
  onTestFinished(() => void scope.close());
  const { jsm, js } = await openNats(scope, { url: new Secret(infraUrls().natsUrl), service: 'test' });
  const stream = `FOLLOWED-${randomUUID()}`;
  await jsm.streams.add({ name: stream, subjects: [`${stream}.>`] });
  onTestFinished(() => void jsm.streams.delete(stream).catch(() => undefined));

  const between = new URL(infraUrls().natsUrl);
  const [host, port] = [between.hostname, Number(between.port)];
  const sockets: Socket[] = [];
  const proxy = createServer((client) => {
    const server = connect(port, host);
    sockets.push(client, server);
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.pipe(server).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  [between.hostname, between.port] = ['127.0.0.1', String((proxy.address() as AddressInfo).port)];

  const folder = mkdtempSync(join(tmpdir(), 'andvari-follow-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const system = join(folder, 'system.json');
  writeFileSync(system, JSON.stringify({ ...nowhere, nats: between.href }));
  const said: string[] = [];
  const complained: string[] = [];
  let numbered = 0;
  return {
    complained,
    /** Numbers of the events that were shown, in their order. */
    shown: () => said.flatMap((line) => (JSON.parse(line) as { id?: string }).id ?? []),
    tail: (name: string, ...options: string[]) => {
      const terminal = { out: (line: string) => said.push(line), err: (line: string) => complained.push(line) };
      const words = ['events', 'tail', `${stream}.${name}`, '--json', '--system', system];
      return runSeedctl(commands, [...words, ...options], terminal);
    },
    tell: async (name: string, count = 1) => {
      for (let told = 0; told < count; told += 1) {
        const head = headers();
        head.set('ce-type', 'told');
        head.set('ce-id', `${numbered}`);
        numbered += 1;
        await js.publish(`${stream}.${name}`, 'something', { headers: head });
      }
    },
    cut: () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
