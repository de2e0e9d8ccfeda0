import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { notificationCreated } from '@andvari/proto/events';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { fetchExchange, Client as UrqlClient } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** What people will connect with: clients of others, as they come, against the whole gateway. */
let rig: GatewayRig;
beforeAll(async () => {
  rig = await gatewayRig();
});
afterAll(() => rig.close());

const NEWS = `subscription News($since: String) { notifications(since: $since) {
  __typename
  ... on SubscriptionStarted { position }
  ... on NotificationArrived { position unreadCount }
} }`;

interface News {
  notifications: { __typename: string; position?: string; unreadCount?: number };
}

async function notify(userId: string, unreadCount: number): Promise<void> {
  await rig.publish(notificationCreated, { userId, notificationId: randomUUID(), kind: 'a.kind', unreadCount });
}

async function endWhatIsOpen(userId: string): Promise<void> {
  await rig.publishRoles(userId);
}

/** What a client keeps between its subscriptions: where it was, what it saw, and why the last one ended. */
function reader() {
  const seen: number[] = [];
  const ends: string[] = [];
  let since: string | undefined;
  return {
    seen,
    ends,
    variables: () => (since === undefined ? {} : { since }),
    heard(result: { data?: unknown; errors?: readonly { extensions?: unknown }[] | undefined }): void {
      const reason = (result.errors?.[0]?.extensions as { reason?: string } | undefined)?.reason;
      if (reason !== undefined) {
        ends.push(reason);
        return;
      }
      const update = (result.data as News | null | undefined)?.notifications;
      if (update?.position !== undefined) since = update.position;
      if (update?.unreadCount !== undefined) seen.push(update.unreadCount);
    },
  };
}
type Reader = ReturnType<typeof reader>;

/** Subscribes until it is told to stop: each time anew with a fresh token, and where it was. */
async function followsThroughAnEnd(
  userId: string,
  subscribe: (reader: Reader, token: () => Promise<string>) => Promise<void>,
): Promise<Reader> {
  const state = reader();
  const token = (): Promise<string> => rig.tokens.sign({ sub: userId, rv: 2 });
  const over = new AbortController();
  const following = (async () => {
    while (!over.signal.aborted) await subscribe(state, token);
  })();
  await eventually(() => expect(state.variables()).toHaveProperty('since'));
  await notify(userId, 1);
  await eventually(() => expect(state.seen).toEqual([1]));
  await endWhatIsOpen(userId);
  await eventually(() => expect(state.ends).toEqual(['rights_changed']));
  await notify(userId, 2);
  await eventually(() => expect(state.seen).toEqual([1, 2]));
  over.abort();
  await endWhatIsOpen(userId);
  await following;
  return state;
}

describe('graphql-sse', () => {
  test('hears why its subscription ends, and goes on where it was with a fresh token', async () => {
    const userId = userIdOf('graphql-sse');
    const { ends } = await followsThroughAnEnd(userId, async (state, token) => {
      const client = createSseClient({
        url: `${rig.url}/graphql`,
        headers: async () => ({ authorization: `Bearer ${await token()}` }),
        retryAttempts: 0,
      });
      for await (const result of client.iterate({ query: NEWS, variables: state.variables() })) {
        state.heard(result);
      }
      client.dispose();
    });
    expect(ends).toEqual(['rights_changed', 'rights_changed']);
  });

  test('asks a query', async () => {
    const client = createSseClient({ url: `${rig.url}/graphql` });
    const results = [];
    for await (const result of client.iterate({ query: '{ health }' })) results.push(result);
    expect(results).toEqual([{ data: { health: 'ok' } }]);
    client.dispose();
  });

  test('is told that it has to sign in by the status, which its owner sees', async () => {
    const client = createSseClient({ url: `${rig.url}/graphql`, retryAttempts: 0 });
    const failed = (async () => {
      for await (const _ of client.iterate({ query: NEWS }));
    })();
    await expect(failed).rejects.toMatchObject({ response: { status: 401 } });
  });
});

describe('graphql-ws', () => {
  test('signs in by its parameters, hears why a subscription ends, and goes on with a fresh token', async () => {
    const userId = userIdOf('graphql-ws');
    let client: ReturnType<typeof socketClientOf> | undefined;
    await followsThroughAnEnd(userId, async (state, token) => {
      client ??= socketClientOf(token);
      for await (const result of client.iterate({ query: NEWS, variables: state.variables() })) state.heard(result);
    });
    await client?.dispose();
  });

  test('is not let in with a token that is not good, and may try again with another', async () => {
    let tries = 0;
    const client = socketClientOf(async () => {
      tries += 1;
      return tries === 1 ? 'a.b.c' : rig.tokens.sign({ sub: userIdOf('second try') });
    });
    const results = [];
    for await (const result of client.iterate({ query: '{ me { userId } }' })) results.push(result);
    expect(results).toEqual([{ data: { me: { userId: userIdOf('second try') } } }]);
    await client.dispose();
  });
});

describe('urql', () => {
  test('as it comes: queries by its own defaults, and errors with their codes', async () => {
    const userId = userIdOf('urql');
    const token = await rig.tokens.sign({ sub: userId });
    const { data } = await urqlClientOf(() => token)
      .query('{ me { userId } }', {})
      .toPromise();
    expect(data).toEqual({ me: { userId } });
    const refused = await urqlClientOf(() => token)
      .query('{ auditLog { nodes { id } } }', {})
      .toPromise();
    expect(refused.error?.graphQLErrors[0]?.extensions).toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('hears why its subscription ends, and goes on where it was', async () => {
    const userId = userIdOf('urql subscribing');
    await followsThroughAnEnd(userId, async (state, token) => {
      const fresh = await token();
      await new Promise<void>((resolve) => {
        const client = urqlClientOf(() => fresh);
        const subscription = client
          .subscription<News>(NEWS, state.variables())
          .subscribe(({ data, error, hasNext }) => {
            state.heard({ data, errors: error?.graphQLErrors });
            if (error !== undefined || !hasNext) {
              resolve();
              queueMicrotask(() => subscription.unsubscribe());
            }
          });
      });
    });
  });
});

describe('Apollo', () => {
  test('asks, and is answered in its own words', async () => {
    const userId = userIdOf('apollo');
    const token = await rig.tokens.sign({ sub: userId });
    const client = new ApolloClient({
      cache: new InMemoryCache({
        possibleTypes: { NotificationUpdate: ['SubscriptionStarted', 'NotificationArrived', 'Missed'] },
      }),
      link: new HttpLink({ uri: `${rig.url}/graphql`, headers: { authorization: `Bearer ${token}` } }),
    });
    const { data } = await client.query({ query: gql('{ me { id userId } }') });
    expect(data).toMatchObject({ me: { userId } });
    await expect(client.query({ query: gql('{ auditLog { nodes { id } } }') })).rejects.toSatisfy(
      (error: unknown) =>
        CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.['code'] === 'PERMISSION_DENIED',
    );
    client.stop();
  });

  test('its persisted queries fall back to the text where the hash is not known', async () => {
    const { createHash } = await import('node:crypto');
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const client = new ApolloClient({
      cache: new InMemoryCache({
        possibleTypes: { NotificationUpdate: ['SubscriptionStarted', 'NotificationArrived', 'Missed'] },
      }),
      link: new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: `${rig.url}/graphql` })),
    });
    expect((await client.query({ query: gql('{ health }') })).data).toEqual({ health: 'ok' });
    client.stop();
  });

  test('hears why its subscription over a socket ends, and goes on where it was', async () => {
    const userId = userIdOf('apollo subscribing');
    await followsThroughAnEnd(userId, async (state, token) => {
      const socket = createWsClient({
        url: `${rig.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: async () => ({ authorization: `Bearer ${await token()}` }),
      });
      const client = new ApolloClient({
        cache: new InMemoryCache({
          possibleTypes: { NotificationUpdate: ['SubscriptionStarted', 'NotificationArrived', 'Missed'] },
        }),
        link: new GraphQLWsLink(socket),
      });
      await new Promise<void>((resolve) => {
        client.subscribe<News>({ query: gql(NEWS), variables: state.variables() }).subscribe({
          next: ({ data, error }) => {
            state.heard({ data, errors: CombinedGraphQLErrors.is(error) ? error.errors : undefined });
          },
          complete: () => resolve(),
          error: () => resolve(),
        });
      });
      client.stop();
      await socket.dispose();
    });
  });
});

const socketClientOf = (token: () => Promise<string>) =>
  createWsClient({
    url: `${rig.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: async () => ({ authorization: `Bearer ${await token()}` }),
  });

const urqlClientOf = (token: () => string) =>
  new UrqlClient({
    url: `${rig.url}/graphql`,
    exchanges: [fetchExchange],
    fetchSubscriptions: true,
    fetchOptions: () => ({ headers: { authorization: `Bearer ${token()}` } }),
  });
