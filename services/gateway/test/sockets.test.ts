/* oxlint-disable no-console -- what libraries write there is what is looked at */
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEventStream } from './event-stream.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig, randomAddress } from './gateway-rig.ts';
import { handshake } from './handshake.ts';
import { openTalk, type SocketTalk } from './socket-talk.ts';

/** What stays open costs a place for as long as it likes: how much of it there may be. */
let rig: GatewayRig;
const query = 'subscription { notifications { __typename } }';

beforeAll(async () => {
  rig = await gatewayRig({
    MAX_CONNECTIONS_PER_USER: '5',
    MAX_CONNECTIONS_PER_ADDRESS: '8',
    ANONYMOUS_SOCKET_MS: '300',
    LIMIT_PER_USER: '1000000',
  });
});
afterAll(() => rig.close());

async function headersOf(name: string, address = randomAddress()): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await rig.tokens.sign({ sub: userIdOf(name) })}`, 'x-forwarded-for': address };
}

async function talkOf(name: string): Promise<SocketTalk> {
  const talk = await openTalk(rig.url, await headersOf(name));
  await talk.begin();
  return talk;
}

const typesHeard = (talk: SocketTalk, type: string): number => talk.heard.filter((it) => it.type === type).length;

describe('how many', () => {
  test('operations of one socket that come at once are counted before any of them is waited for', async () => {
    const talk = await talkOf('many');
    for (let id = 0; id < 110; id += 1) talk.send({ type: 'subscribe', id: String(id), payload: { query } });
    await eventually(() => expect(typesHeard(talk, 'next') + typesHeard(talk, 'error')).toBe(110));
    expect(typesHeard(talk, 'next')).toBe(50);
    const refused = talk.heard.find(({ type }) => type === 'error');
    expect(refused?.payload).toMatchObject([{ extensions: { code: 'RESOURCE_EXHAUSTED' } }]);
    talk.end();
  });

  test('streams and sockets of one user, from wherever they come; one that closes makes room', async () => {
    const opened = await Promise.all(
      Array.from({ length: 12 }, async () => openEventStream(`${rig.url}/graphql`, { query }, await headersOf('eve'))),
    );
    expect(opened.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(opened.filter(({ status }) => status === 429)).toHaveLength(7);
    expect((await handshake(`${rig.url}/graphql`, await headersOf('eve'))).status).toBe(429);
    expect((await handshake(`${rig.url}/graphql`, await headersOf('bob'))).status).toBe(101);
    opened.find(({ status }) => status === 200)?.close();
    await eventually(async () =>
      expect((await handshake(`${rig.url}/graphql`, await headersOf('eve'))).status).toBe(101),
    );
    for (const stream of opened) stream.close();
  });

  test('streams and sockets of one address, whoever they are', async () => {
    const address = randomAddress();
    const statuses = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => {
        const { status } = await openEventStream(`${rig.url}/graphql`, { query }, await headersOf(`u${at}`, address));
        return status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(8);
    expect((await handshake(`${rig.url}/graphql`, { 'x-forwarded-for': address })).status).toBe(429);
  });
});

describe('how a socket ends', () => {
  test('that does not say who it is', async () => {
    const talk = await openTalk(rig.url, { 'x-forwarded-for': randomAddress() });
    await talk.begin();
    await eventually(() => expect(talk.closed()).toEqual({ code: 4403, reason: 'not_signed_in' }));
  });

  test('not, where it says so in its first message', async () => {
    const { authorization } = await headersOf('late');
    const talk = await openTalk(rig.url, { 'x-forwarded-for': randomAddress() });
    await talk.begin({ authorization });
    talk.send({ type: 'subscribe', id: '1', payload: { query } });
    const other = await openTalk(rig.url, { 'x-forwarded-for': randomAddress() });
    await other.begin();
    await eventually(() => expect(other.closed()).toBeDefined());
    expect(talk.closed()).toBeUndefined();
    expect(typesHeard(talk, 'next')).toBe(1);
    talk.end();
  });

  test.each<[string, unknown, string]>([
    ['shows a credential of another kind', { Authorization: 'Basic YTpi' }, 'credential_unknown'],
    ['shows a token that is not good', { headers: { authorization: 'Bearer a.b.c' } }, 'token_invalid'],
  ])('that %s', async (_, params, reason) => {
    const talk = await openTalk(rig.url, { 'x-forwarded-for': randomAddress() });
    await talk.begin(params);
    await eventually(() => expect(talk.closed()).toEqual({ code: 4403, reason }));
  });

  test('that shows a second credential beside the one it was let in with', async () => {
    const { authorization } = await headersOf('two');
    const talk = await openTalk(rig.url, await headersOf('one'));
    await talk.begin({ authorization });
    await eventually(() => expect(talk.closed()?.code).toBe(4403));
  });

  test('that sends nothing but pings of the protocol', async () => {
    const talk = await talkOf('pinging');
    for (let count = 0; count < 300; count += 1) talk.send({ type: 'ping' });
    await eventually(() => expect(talk.closed()).toEqual({ code: 4429, reason: 'too_many_messages' }));
  });

  test('that sends nothing but pings of WebSocket', async () => {
    const talk = await talkOf('pinging below');
    for (let count = 0; count < 300; count += 1) talk.ping();
    // The code may be lost behind pongs that nobody reads any more; the end is not.
    await eventually(() => expect(talk.closed()).toBeDefined());
  });

  test('that sends a message of more than 100 kB, without a line that is not structured', async () => {
    const written: unknown[] = [];
    const { error } = console;
    console.error = (...line: unknown[]) => void written.push(line);
    const talk = await talkOf('large');
    talk.send({ type: 'subscribe', id: '1', payload: { query: `{ health } #${'x'.repeat(100_000)}` } });
    await eventually(() => expect(talk.closed()).toBeDefined());
    console.error = error;
    expect(written).toEqual([]);
  });
});
