import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { newEvent } from '@andvari/kit/events/event';
import { REPLAYED } from '@andvari/kit/events/replayed';
import { publishInOrder } from '@andvari/kit/nats/publish-in-order';
import { capturedLog } from '@andvari/kit/testing/captured-log';
import { eventually } from '@andvari/kit/testing/eventually';
import { notificationCreated, sessionRevoked } from '@andvari/proto/events';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openEventStream } from './event-stream.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig, SOON } from './gateway-rig.ts';
import { openTalk, type SocketTalk } from './socket-talk.ts';

let rig: GatewayRig;
const ADA = userIdOf('ada');
const query = `subscription($since: String) { notifications(since: $since) {
  is: __typename
  ... on SubscriptionStarted { position }
  ... on NotificationArrived { position kind unreadCount }
  ... on Missed { count since }
} }`;

beforeAll(async () => {
  rig = await gatewayRig();
});
afterAll(() => rig.close());

interface Update {
  is: string;
  position?: string;
  kind?: string;
  unreadCount?: number;
  count?: number | null;
  since?: string;
}

async function stream(token: string, since?: string) {
  const events = await openEventStream(
    `${rig.url}/graphql`,
    { query, variables: { since } },
    { authorization: `Bearer ${token}` },
  );
  return {
    ...events,
    updates: () => events.received.map(({ data }) => (data as { notifications: Update }).notifications),
  };
}

let count = 0;
async function notify(userId: string, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    count += 1;
    await rig.publish(notificationCreated, {
      userId,
      notificationId: randomUUID(),
      kind: `kind.${count}`,
      unreadCount: count,
    });
  }
}

describe('over an event stream', () => {
  test('it says where it starts, then sends what arrives for this user and nobody else', async () => {
    const events = await stream(await rig.tokens.sign({ sub: ADA }));
    await eventually(() => expect(events.updates()[0]?.is).toBe('SubscriptionStarted'));
    await notify(userIdOf('bob'));
    await notify(ADA);
    await eventually(() => expect(events.updates()).toHaveLength(2));
    expect(events.updates()[1]).toMatchObject({ is: 'NotificationArrived', unreadCount: count });
    events.close();
  });

  test('whoever comes back with the last position misses nothing and sees nothing twice', async () => {
    const user = userIdOf('returning');
    const token = await rig.tokens.sign({ sub: user });
    const before = await stream(token);
    await eventually(() => expect(before.updates()).toHaveLength(1));
    await notify(user, 3);
    await eventually(() => expect(before.updates()).toHaveLength(4));
    const seen = before.updates()[2];
    before.close();
    await notify(user, 2);
    const after = await stream(token, seen?.position);
    const last = count;
    await eventually(() => expect(after.updates().filter((update) => update.kind !== undefined)).toHaveLength(3));
    await notify(user);
    await eventually(() => expect(after.updates().at(-1)?.unreadCount).toBe(count));
    const numbers = after.updates().flatMap(({ unreadCount }) => unreadCount ?? []);
    expect(numbers).toEqual([last - 2, last - 1, last, count]);
    after.close();
  });

  test('what an operator has published again is not sent, now or to whoever comes back', async () => {
    const user = userIdOf('heard before');
    const token = await rig.tokens.sign({ sub: user });
    const events = await stream(token);
    await eventually(() => expect(events.updates()).toHaveLength(1));
    const from = events.updates()[0]?.position;
    const message = { userId: user, notificationId: randomUUID(), kind: 'again', unreadCount: 1 };
    const { log } = capturedLog('silent');
    const { signal } = new AbortController();
    const event = newEvent(notificationCreated, message, { source: 'user' });
    const again = { ...event, headers: { ...event.headers, [REPLAYED]: randomUUID() } };
    await publishInOrder(rig.nats, [again], signal, log);
    await notify(user);
    await eventually(() => expect(events.updates().slice(1)).toMatchObject([{ unreadCount: count }]));
    events.close();
    const after = await stream(token, from);
    await eventually(() => expect(after.updates().slice(1)).toMatchObject([{ unreadCount: count }]));
    after.close();
  });

  test('what arrives while the past is being sent comes once, and in its place', async () => {
    const user = userIdOf('busy');
    const token = await rig.tokens.sign({ sub: user });
    const before = await stream(token);
    await eventually(() => expect(before.updates()).toHaveLength(1));
    const from = before.updates()[0]?.position;
    before.close();
    const first = count + 1;
    await notify(user, 300);
    const [after] = await Promise.all([stream(token, from), notify(user, 200)]);
    await eventually(() => expect(after.updates().at(-1)?.unreadCount).toBe(count));
    const numbers = after.updates().flatMap(({ unreadCount }) => unreadCount ?? []);
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, at) => first + at));
    after.close();
  });

  test('a position that cannot be is refused, one from another life is told as missed', async () => {
    const token = await rig.tokens.sign({ sub: ADA });
    const wrong = await stream(token, 'yesterday');
    await eventually(() => expect(JSON.stringify(wrong.received)).toContain('INVALID_ARGUMENT'));
    wrong.close();
    const lost = await stream(token, 'pzzzzzz');
    await eventually(() => expect(lost.updates()[0]).toMatchObject({ is: 'Missed', count: null }));
    lost.close();
  });

  test('a reader that does not keep up is told how many it missed, and gets them by coming back', async () => {
    const user = userIdOf('slow');
    const token = await rig.tokens.sign({ sub: user });
    const slow = await openEventStream(
      `${rig.url}/graphql`,
      // Much to say about each, so that the pipe to the reader is full soon.
      {
        query: `subscription { notifications { is: __typename ... on SubscriptionStarted { position } ... on NotificationArrived { position unreadCount ${Array.from({ length: 14 }, (_, at) => `a${at}: notificationId`).join(' ')} } ... on Missed { count since } } }`,
      },
      { authorization: `Bearer ${token}` },
    );
    await eventually(() => expect(slow.received).toHaveLength(1));
    slow.pause();
    const total = 1500;
    const notificationId = 'k'.repeat(4000);
    for (let at = 1; at <= total; at += 1) {
      void rig.publish(notificationCreated, { userId: user, notificationId, kind: 'order.filled', unreadCount: at });
      if (at % 100 === 0) await pause(20);
    }
    await eventually(async () => {
      const metrics = await (await fetch(`${rig.adminUrl}/metrics`)).text();
      expect(Number(/^subscription_missed_total\{[^}]*\} (\d+)$/m.exec(metrics)?.[1] ?? 0)).toBeGreaterThan(100);
    });
    slow.resume();
    const updates = (): Update[] => slow.received.map(({ data }) => (data as { notifications: Update }).notifications);
    await eventually(() => expect(updates().at(-1)?.unreadCount).toBe(total));
    const numbers = updates().flatMap(({ unreadCount }) => unreadCount ?? []);
    const missed = updates().flatMap(({ count: howMany }) => howMany ?? []);
    expect(numbers.length + missed.reduce((all, each) => all + each, 0)).toBe(total);
    expect(new Set(numbers).size).toBe(numbers.length);
    const gap = updates().find(({ is }) => is === 'Missed');
    slow.close();
    const again = await stream(token, gap?.since);
    await eventually(() => expect(again.updates().at(-1)?.unreadCount).toBe(total));
    const caughtUp = again.updates().flatMap(({ unreadCount }) => unreadCount ?? []);
    expect(caughtUp).toEqual(
      Array.from({ length: total - (caughtUp[0] ?? 0) + 1 }, (_, at) => (caughtUp[0] ?? 0) + at),
    );
    again.close();
  });

  test('it ends with its session, and when roles have changed', async () => {
    const sid = randomUUID();
    const user = userIdOf('ending');
    const first = await stream(await rig.tokens.sign({ sub: user, sid }));
    const second = await stream(await rig.tokens.sign({ sub: user }));
    await eventually(() => expect([first.updates().length, second.updates().length]).toEqual([1, 1]));
    await rig.publish(sessionRevoked, { userId: user, sessionId: sid, reason: 'revoked' });
    await eventually(() => expect(first.ended()).toBe(true), SOON);
    expect(second.ended()).toBe(false);
    await rig.publishRoles(user, 2n, 'revoked');
    await eventually(() => expect(second.ended()).toBe(true), SOON);
  });

  test('it ends when the token runs out', async () => {
    const exp = Math.floor(Date.now() / 1000) + 2;
    const events = await stream(await rig.tokens.sign({ sub: ADA, exp }));
    await eventually(() => expect(events.updates()).toHaveLength(1));
    await eventually(() => expect(events.ended()).toBe(true));
  });

  test('nobody gets one without signing in', async () => {
    const events = await openEventStream(`${rig.url}/graphql`, { query }, {});
    await eventually(() => expect(JSON.stringify(events.received)).toContain('UNAUTHENTICATED'));
    expect(events.status).toBe(401);
    events.close();
    expect(await rig.ask({ query })).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('a reader that has left is forgotten', async () => {
    const events = await stream(await rig.tokens.sign({ sub: ADA }));
    await eventually(() => expect(events.updates()).toHaveLength(1));
    events.close();
    await eventually(async () => {
      const metrics = await (await fetch(`${rig.adminUrl}/metrics`)).text();
      expect(/^subscriptions\{transport="sse"[^}]*\} (\d+)$/m.exec(metrics)?.[1]).toBe('0');
      expect(/^subscription_readers\{[^}]*\} (\d+)$/m.exec(metrics)?.[1]).toBe('0');
    });
  });
});

describe('over a WebSocket', () => {
  test('the handshake passes the same check as a request', async () => {
    const token = await rig.tokens.sign({ sub: ADA });
    const cookie = `__Host-andvari_access=${token}`;
    const host = new URL(rig.url).host;
    expect(await open({ authorization: `Bearer ${token}` })).toBe('open');
    expect(await open({ cookie, origin: `http://${host}` })).toBe('open');
    expect(await open({ cookie, origin: 'https://evil.example' })).toBe(403);
    expect(await open({ origin: 'https://evil.example' })).toBe(403);
    expect(await open({ cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await open({ authorization: 'Bearer a.b.c' })).toBe(401);
  });

  test('queries and subscriptions work, within the same limits', async () => {
    const client = clientOf(await rig.tokens.sign({ sub: ADA }));
    const [me] = await collected(client, '{ me { userId } }');
    expect(me).toEqual({ data: { me: { userId: ADA } } });
    const aliases = Array.from({ length: 16 }, (_, at) => `a${at}: health`).join(' ');
    await expect(collected(client, `{ ${aliases} }`)).rejects.toMatchObject([
      { extensions: { reason: 'too_many_aliases', traceId: expect.any(String) as string } },
    ]);
    const updates: Update[] = [];
    const unsubscribe = client.subscribe<{ notifications: Update }>(
      { query },
      {
        next: ({ data }) => void (data && updates.push(data.notifications)),
        error: () => undefined,
        complete: () => undefined,
      },
    );
    await eventually(() => expect(updates).toHaveLength(1));
    await notify(ADA);
    await eventually(() => expect(updates[1]).toMatchObject({ unreadCount: count }));
    unsubscribe();
    await client.dispose();
  });

  test('nobody subscribes without signing in, or without the right', async () => {
    const powerless = userIdOf('powerless');
    rig.permissions.set(powerless, []);
    for (const [token, code] of [
      ['', 'UNAUTHENTICATED'],
      [await rig.tokens.sign({ sub: powerless }), 'PERMISSION_DENIED'],
    ] as const) {
      const client = clientOf(token);
      const outcome = await collected(client, query).catch((errors: unknown) => [{ errors }]);
      expect(outcome).toMatchObject([{ errors: [{ extensions: { code } }] }]);
      await client.dispose();
    }
  });

  test('it closes with its session, and each of its subscriptions says why', async () => {
    const sid = randomUUID();
    const socket = await talk({ authorization: `Bearer ${await rig.tokens.sign({ sub: ADA, sid })}` });
    await socket.begin();
    socket.send({ type: 'subscribe', id: 'a', payload: { query } });
    await eventually(() => expect(socket.heard.map(({ type }) => type)).toEqual(['connection_ack', 'next']));
    await rig.publish(sessionRevoked, { userId: ADA, sessionId: sid, reason: 'revoked' });
    await eventually(() => expect(socket.closed()).toEqual({ code: 4403, reason: 'session_ended' }));
    expect(socket.heard.slice(-2)).toMatchObject([
      {
        type: 'next',
        id: 'a',
        payload: { errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'session_ended' } }] },
      },
      { type: 'complete', id: 'a' },
    ]);
  });
});

const talk = (headers: Record<string, string>): Promise<SocketTalk> => openTalk(rig.url, headers);
const open = (headers: Record<string, string>): Promise<number | 'open'> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    socket.on('open', () => {
      socket.close();
      resolve('open');
    });
    socket.on('unexpected-response', (_, response) => {
      socket.terminate();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', () => undefined);
  });
const clientOf = (token: string, closed: (code: number) => void = () => undefined): Client =>
  createClient({
    url: `${rig.url.replace('http', 'ws')}/graphql`,
    retryAttempts: 0,
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string[]) {
        super(address, protocols, { headers: token === '' ? {} : { authorization: `Bearer ${token}` } });
      }
    },
    on: { closed: (event) => closed((event as { code: number }).code) },
  });

async function collected(client: Client, text: string): Promise<unknown[]> {
  const results: unknown[] = [];
  for await (const result of client.iterate({ query: text })) results.push(result);
  return results;
}
