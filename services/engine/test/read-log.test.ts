import { Secret } from '@andvari/kit/base/config';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { ensureStreams } from '@andvari/kit/nats/streams';
import { testNats } from '@andvari/kit/testing/test-nats';
import { testScope } from '@andvari/kit/testing/test-scope';
import { jetstream } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLog } from '../src/events/read-log.ts';

let server: Awaited<ReturnType<typeof testNats>>;
const scope = testScope();
let nats: Nats;
beforeAll(async () => {
  server = await testNats();
  nats = await openNats(scope, { url: new Secret(server.url), service: 'test' });
  await ensureStreams(nats, ['COMMANDS']);
});
afterAll(async () => {
  await scope.close();
  await server.stop();
});

test('where nobody answers for the streams any more, a reader hears so at its first question', async () => {
  const log = { stream: 'COMMANDS', filter: 'cmd.0.>', after: 0 };
  await expect(readLog(withoutJetStream(nats), log, scope.signal, () => undefined)).rejects.toThrow('no responders');
});

/** As if JetStream had been turned off, by a full disk say, between the making of a consumer and the first question. */
function withoutJetStream(real: Nats): Nats {
  const gone = jetstream(real.connection, { domain: 'gone' }).consumers;
  const get = async (stream: string, name: string) =>
    gone.getConsumerFromInfo(await real.jsm.consumers.info(stream, name));
  const consumers: typeof gone = Object.create(gone, { get: { value: get } });
  const js: typeof real.js = Object.create(real.js, { consumers: { value: consumers } });
  return { ...real, js };
}
