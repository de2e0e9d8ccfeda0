import { randomUUID } from 'node:crypto';
import { Secret } from '@andvari/kit/base/config';
import { openNats } from '@andvari/kit/nats/nats';
import { testScope } from '@andvari/kit/testing/test-scope';
import { streamSubjects } from '@andvari/proto/events';

const REPEATED = 'andvari-repeated';

/** Publishes every message of every stream once more, under another name for the stream: all who read get it twice. */
export async function repeatEverything(natsUrl: string): Promise<{ count(): number; stop(): Promise<void> }> {
  const scope = testScope();
  const { connection, jsm } = await openNats(scope, { url: new Secret(natsUrl), service: 'e2e' });
  let count = 0;
  for (const subject of Object.values(streamSubjects).flat()) {
    connection.subscribe(subject, {
      callback: (error, { headers, subject: its, data, reply }) => {
        if (error !== null || headers === undefined || headers.has(REPEATED) || reply === undefined) return;
        headers.set(REPEATED, 'yes');
        headers.set('Nats-Msg-Id', randomUUID());
        count += 1;
        connection.publish(its, data, { headers });
      },
    });
  }
  await jsm.getAccountInfo();
  return { count: () => count, stop: async () => void (await scope.close()) };
}
