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

test('events that are followed end where the connection is lost, and it is said', { timeout: 60_000 }, async () => {
  const scope = testScope();
  onTestFinished(() => void scope.close());
  const { connection, jsm } = await openNats(scope, { url: new Secret(infraUrls().natsUrl), service: 'test' });
  const stream = `FOLLOWED-${randomUUID()}`;
  const subject = `${stream}.told`;
  await jsm.streams.add({ name: stream, subjects: [subject] });
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
  [between.hostname, between.port] = ['127.0.0.1', String((proxy.address() as AddressInfo).port)];

  const folder = mkdtempSync(join(tmpdir(), 'andvari-follow-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const system = join(folder, 'system.json');
  writeFileSync(system, JSON.stringify({ ...nowhere, nats: between.href }));
  const said: string[] = [];
  const complained: string[] = [];
  const terminal = { out: (line: string) => said.push(line), err: (line: string) => complained.push(line) };
  const code = runSeedctl(commands, ['events', 'tail', subject, '--follow', '--system', system], terminal);
  const told = headers();
  told.set('ce-type', 'told');
  await eventually(() => {
    connection.publish(subject, 'something', { headers: told });
    expect(said.join('\n')).toContain(subject);
  });
  proxy.close();
  for (const socket of sockets) socket.destroy();
  expect(await code).toBe(1);
  expect(complained).toEqual(['The connection to NATS was lost: docs/runbooks/nats-down.md']);
});
