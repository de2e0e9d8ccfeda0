import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

let rig: GatewayRig;
let token: string;
const ADA = userIdOf('ada');

beforeAll(async () => {
  rig = await gatewayRig();
  token = await rig.tokens.sign({ sub: ADA, sid: 's1' });
});
afterAll(() => rig.close());

describe('graphql', () => {
  test('health answers anybody', async () => {
    expect(await rig.ask({ query: '{ health }' })).toMatchObject({ status: 200, data: { health: 'ok' } });
  });

  test('me is whoever the token speaks of', async () => {
    const { data, errors } = await rig.ask({ query: '{ me { userId email onboarding { state } createdAt } }', token });
    expect(errors).toEqual([]);
    expect(data).toEqual({
      me: {
        userId: ADA,
        email: `${ADA.slice(-4)}@example.com`,
        onboarding: { state: 'NEW' },
        createdAt: '2023-11-14T22:13:20.123456Z',
      },
    });
  });

  const deposit = 'mutation ($input: DepositInput!) { deposit(input: $input) { __typename } }';
  const order = 'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }';
  test.each<
    [what: string, query: string, variables: Record<string, unknown>, field: string, reason: string | undefined]
  >([
    [
      'a Decimal',
      deposit,
      { input: { accountId: 'x', amount: '1.1234567', idempotencyKey: 'k' } },
      'amount',
      'too_many_decimals',
    ],
    [
      'words that look like a path',
      deposit,
      { input: { accountId: 'x', amount: 'a at "input.b"; c', idempotencyKey: 'k' } },
      'amount',
      'not_a_decimal',
    ],
    [
      'an enum, deep inside',
      order,
      { input: { accountId: 'x', clientOrderId: 'k', order: { symbol: 'A', side: 'UP', type: 'LIMIT' } } },
      'order.side',
      undefined,
    ],
    [
      'a field that is missing',
      order,
      { input: { accountId: 'x', clientOrderId: 'k', order: { symbol: 'A', side: 'BUY' } } },
      'order',
      undefined,
    ],
    [
      'a variable by itself',
      'query ($n: Int) { sessions(first: $n) { nodes { id } } }',
      { n: 'many' },
      'first',
      undefined,
    ],
  ])('a variable that cannot be read is named: %s', async (_, query, variables, field, reason) => {
    const { errors } = await rig.ask({ query, variables, token });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions).toMatchObject({
      code: 'INVALID_ARGUMENT',
      field,
      ...(reason === undefined ? {} : { reason }),
    });
  });

  test('a query that comes often answers the same when it is compiled', async () => {
    const query =
      '{ me { id givenName phone } sessions(first: 2) { nodes { isCurrent user { email } } pageInfo { hasNextPage endCursor } } }';
    const first = await rig.ask({ query, token });
    for (let time = 0; time < 40; time += 1) {
      expect((await rig.ask({ query, token })).data).toEqual(first.data);
    }
    expect(first.errors).toEqual([]);
  });

  test('all users of a response are asked for in one call', async () => {
    rig.user.calls.length = 0;
    const query = '{ me { givenName } sessions { nodes { user { givenName } } } grants { nodes { user { email } } } }';
    expect((await rig.ask({ query, token })).errors).toEqual([]);
    expect(rig.user.callsOf('batchGetProfiles').map(({ request }) => request)).toEqual([{ userIds: [ADA] }]);
  });

  test('services are told on whose behalf, from where and with which rights', async () => {
    rig.user.calls.length = 0;
    await rig.ask({
      query: '{ preferences { theme } }',
      token,
      headers: { 'x-forwarded-for': '203.0.113.9', 'user-agent': 'bot/1' },
    });
    const [call] = rig.user.callsOf('getPreferences');
    expect(call?.caller).toMatchObject({
      userId: ADA,
      sessionId: 's1',
      service: 'gateway',
      address: '203.0.113.9',
      userAgent: 'bot/1',
      rolesVersion: 1n,
    });
    expect(call?.caller.scopes).toContain('preferences:read:own');
    expect(call?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a failing service takes along its own fields only', async () => {
    const { getPreferences } = rig.user.answers;
    rig.user.answers['getPreferences'] = () => {
      throw new Error('select * from preferences where secret');
    };
    const { status, data, errors } = await rig.ask({ query: '{ preferences { theme } me { givenName } }', token });
    rig.user.answers['getPreferences'] = getPreferences as never;
    expect(status).toBe(200);
    expect(data).toEqual({ preferences: null, me: { givenName: 'Ada' } });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      message: 'Internal error',
      path: ['preferences'],
      extensions: { code: 'INTERNAL' },
    });
    expect(errors[0]?.extensions['traceId']).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(errors)).not.toMatch(/select|secret|\.ts:|stack/);
  });

  test('an expected failure is a type of its own', async () => {
    const { AppError } = await import('@andvari/kit/base/errors');
    const { changePassword } = rig.auth.answers;
    rig.auth.answers['changePassword'] = () => {
      throw new AppError('invalid_argument', 'wrong password', { reason: 'password_wrong' });
    };
    const query = `mutation { changePassword(input: { currentPassword: "a", newPassword: "b" }) { __typename ... on Refusal { message } } }`;
    const { data, errors } = await rig.ask({ query, token });
    rig.auth.answers['changePassword'] = changePassword as never;
    expect(errors).toEqual([]);
    expect(data).toEqual({ changePassword: { __typename: 'WrongPassword', message: 'wrong password' } });
  });

  test('a mutation that succeeds is the thing itself', async () => {
    const query = `mutation { createApiKey(input: { name: "bot", scopes: ["order:place:own"], dailyNotionalCap: "1000.5" }) {
      ... on CreatedApiKey { secret apiKey { name dailyNotionalCap } } } }`;
    const { data, errors } = await rig.ask({ query, token });
    expect(errors).toEqual([]);
    expect(data).toEqual({ createApiKey: { secret: 'shown-once', apiKey: { name: 'bot', dailyNotionalCap: '1.25' } } });
    expect(rig.auth.callsOf('createApiKey').at(-1)?.request).toMatchObject({ dailyNotionalCap: 1_000_500_000n });
  });

  test('node finds what has a global id', async () => {
    const { data } = await rig.ask({ query: '{ me { id } }', token });
    const { id } = (data as { me: { id: string } }).me;
    const found = await rig.ask({
      query: 'query($id: ID!) { node(id: $id) { id ... on User { givenName } } }',
      variables: { id },
      token,
    });
    expect(found.errors).toEqual([]);
    expect(found.data).toEqual({ node: { id, givenName: 'Ada' } });
  });

  test.each([
    ['a page of no rows', '{ sessions(first: 0) { pageInfo { hasNextPage } } }'],
    ['more rows than a page has', '{ sessions(first: 101) { pageInfo { hasNextPage } } }'],
  ])('%s is refused', async (_, query) => {
    const { errors } = await rig.ask({ query, token });
    expect(errors[0]?.extensions['code']).toBe('INVALID_ARGUMENT');
  });
});
