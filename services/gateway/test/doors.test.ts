import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEventStream } from './event-stream.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig, randomAddress } from './gateway-rig.ts';
import { openTalk, type SocketTalk } from './socket-talk.ts';

/** The same requests by every way in: what comes out of GraphQL is the same, refusals included. */
let rig: GatewayRig;
const ADA = userIdOf('ada');

beforeAll(async () => {
  rig = await gatewayRig({ LIMIT_PER_USER: '1000000' });
});
afterAll(() => rig.close());

interface Request {
  query?: string;
  variables?: Record<string, unknown>;
  operationName?: string;
  extensions?: Record<string, unknown>;
  anonymous?: boolean;
  mutates?: boolean;
  /** Of a POST that accepts JSON. */
  status: number;
}

const aliases = (count: number): string => Array.from({ length: count }, (_, at) => `a${at}: health`).join(' ');
const withDefault = 'query($first: Int! = 2) { sessions(first: $first) { nodes { id } } }';
const costly = 'query($n: Int) { notifications(first: $n) { nodes { id kind title body } } }';

const requests: Record<string, Request> = {
  'a field for everybody': { query: '{ health }', status: 200 },
  'a field for everybody, by nobody': { query: '{ health }', anonymous: true, status: 200 },
  'a field of the viewer': { query: '{ me { userId email onboarding { state } } }', status: 200 },
  'a list with its rows': {
    query: '{ sessions(first: 2) { nodes { id address } pageInfo { hasNextPage } } }',
    status: 200,
  },
  'an alias and a fragment': { query: '{ you: me { ...F } } fragment F on User { id givenName }', status: 200 },
  'a variable': { query: 'query($n: Int) { sessions(first: $n) { nodes { id } } }', variables: { n: 1 }, status: 200 },
  'a variable left out that has a default': { query: withDefault, status: 200 },
  'a variable that is null though it may not be': { query: withDefault, variables: { first: null }, status: 400 },
  'a variable of another type': { query: withDefault, variables: { first: 'two' }, status: 400 },
  'a variable that is missing': { query: 'query($id: ID!) { node(id: $id) { id } }', status: 400 },
  'one of several operations': {
    query: 'query A { health } query B { me { userId } }',
    operationName: 'B',
    status: 200,
  },
  'several operations and no name': { query: 'query A { health } query B { health }', status: 400 },
  'a name that no operation has': { query: 'query A { health }', operationName: 'B', status: 400 },
  'a fragment alone': { query: 'fragment F on User { id }', status: 400 },
  'a directive': {
    query: 'query($x: Boolean!) { health me @skip(if: $x) { id } }',
    variables: { x: true },
    status: 200,
  },
  'no query': { status: 400 },
  'what is no GraphQL': { query: '{ health', status: 400 },
  'a field that is not there': { query: '{ secrets }', status: 400 },
  'an argument that is not there': { query: '{ health(loud: true) }', status: 400 },
  'too many aliases': { query: `{ ${aliases(16)} }`, status: 400 },
  'too deep': { query: `${'{ node '.repeat(9)}{ id ${'}'.repeat(10)}`, status: 400 },
  'too many tokens': { query: `{ ${'health '.repeat(1000)} }`, status: 400 },
  'the same field again and again': { query: `{ ${'me { id } '.repeat(240)} }`, status: 400 },
  'too costly': {
    query: `{ ${'a b c d e f g h i j'
      .split(' ')
      .map((name) => `${name}: grants(first: 100) { nodes { id role reason grantedBy user { id } } }`)
      .join(' ')} }`,
    status: 400,
  },
  'a page that is too large': { query: costly, variables: { n: 101 }, status: 200 },
  'what needs somebody signed in, by nobody': { query: '{ me { id } }', anonymous: true, status: 200 },
  'what one may not see': { query: '{ auditLog { nodes { id } } }', status: 200 },
  'somebody who is not there': { query: '{ profile(userId: "nobody") { id } }', status: 200 },
  'a mutation': {
    query: 'mutation { markNotificationsRead { ... on MarkedRead { inbox { unreadCount } } } }',
    mutates: true,
    status: 200,
  },
  'a mutation that is refused': {
    query: 'mutation { markNotificationsRead(ids: []) { __typename } }',
    mutates: true,
    status: 200,
  },
  'a mutation by nobody': {
    query: 'mutation { markNotificationsRead { __typename } }',
    mutates: true,
    anonymous: true,
    status: 200,
  },
  'a known operation that is not known': {
    extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } },
    status: 404,
  },
  'a subscription by nobody': { query: 'subscription { notifications { __typename } }', anonymous: true, status: 401 },
};

interface Outcome {
  status?: number;
  result: unknown;
}
type Door = (request: Request, token: string | undefined) => Promise<Outcome>;

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };
const body = ({ query, variables, operationName, extensions }: Request) => ({
  query,
  variables,
  operationName,
  extensions,
});

const posted =
  (accept: string): Door =>
  async (request, token) => {
    const response = await rig.post('/graphql', body(request), { ...bearer(token), accept });
    return { status: response.status, result: await response.json() };
  };

const doors: Record<string, Door> = {
  POST: posted('application/json'),
  'POST of the newer type': posted('application/graphql-response+json'),
  'POST by a client that takes streams, too': posted('application/json, text/event-stream'),
  async GET({ query, variables, operationName, extensions }, token) {
    const given = new URLSearchParams();
    if (query !== undefined) given.set('query', query);
    if (variables !== undefined) given.set('variables', JSON.stringify(variables));
    if (operationName !== undefined) given.set('operationName', operationName);
    if (extensions !== undefined) given.set('extensions', JSON.stringify(extensions));
    const headers = { ...bearer(token), 'x-forwarded-for': randomAddress() };
    const response = await fetch(`${rig.url}/graphql?${given}`, { headers });
    return { status: response.status, result: await response.json() };
  },
  async 'event stream'(request, token) {
    const headers = { ...bearer(token), 'x-forwarded-for': randomAddress() };
    const events = await openEventStream(`${rig.url}/graphql`, body(request), headers);
    await eventually(() => expect(events.ended()).toBe(true));
    expect(events.received).toHaveLength(1);
    return { status: events.status, result: events.received[0] };
  },
  async WebSocket(request, token) {
    const socket = await openTalk(rig.url, { ...bearer(token), 'x-forwarded-for': randomAddress() });
    try {
      return { result: await overSocket(socket, request) };
    } finally {
      socket.end();
    }
  },
};

async function overSocket(socket: SocketTalk, request: Request): Promise<unknown> {
  await socket.begin();
  // The protocol itself wants a query in every message.
  socket.send({
    type: 'subscribe',
    id: '1',
    payload: { query: '', ...(JSON.parse(JSON.stringify(body(request))) as object) },
  });
  await eventually(() => expect(socket.heard.some(({ type }) => type === 'complete' || type === 'error')).toBe(true));
  const [, answer] = socket.heard;
  return answer?.type === 'error' ? { errors: answer.payload } : answer?.payload;
}

describe.each(Object.entries(requests))('%s', (_, request) => {
  test.each(Object.entries(doors).filter(([name]) => !(name === 'GET' && request.mutates === true)))(
    'by %s',
    async (name, door) => {
      const token = request.anonymous === true ? undefined : await rig.tokens.sign({ sub: ADA });
      const expected = await posted('application/json')(request, token);
      expect(expected.status).toBe(request.status);
      const outcome = await door(request, token);
      expect(plain(outcome.result)).toEqual(plain(expected.result));
      if (name !== 'WebSocket') expect(outcome.status).toBe(request.status);
    },
  );
});

test('a mutation by GET is refused before anything of it is done', async () => {
  rig.user.calls.length = 0;
  const query = encodeURIComponent('mutation { markNotificationsRead { __typename } }');
  const token = await rig.tokens.sign({ sub: ADA });
  const response = await fetch(`${rig.url}/graphql?query=${query}`, { headers: bearer(token) });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { reason: 'method_not_allowed' } }] });
  expect(rig.user.callsOf('markNotificationsRead')).toEqual([]);
});

test('variables of a GET that are no JSON are refused', async () => {
  const response = await fetch(`${rig.url}/graphql?query=%7Bhealth%7D&variables=%7B`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { field: 'variables' } }] });
});

/** Without what is new each time: trace ids, and the ids that made-up services make up. */
function plain(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result, (key, value: unknown) => (key === 'traceId' ? undefined : value)));
}
