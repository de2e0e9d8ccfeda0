import { AppError } from '@andvari/kit/base/errors';
import { capturedLog } from '@andvari/kit/testing/captured-log';
import { eventually } from '@andvari/kit/testing/eventually';
import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPublicError } from '../src/graphql/public-error.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

let rig: GatewayRig;
let token: string;
beforeAll(async () => {
  rig = await gatewayRig({ REQUEST_TIMEOUT_MS: '1500' });
  token = await rig.tokens.sign({ sub: userIdOf('ada') });
});
afterAll(() => rig.close());

/** How often each outcome was counted, of one kind of operation. */
async function counted(kind: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${rig.adminUrl}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('graphql_operation_duration_seconds_count'));
  const counts: Record<string, number> = {};
  for (const line of lines.filter((one) => one.includes(`kind="${kind}"`))) {
    const outcome = /outcome="(\w+)"/.exec(line)?.[1] ?? '';
    counts[outcome] = (counts[outcome] ?? 0) + Number(line.slice(line.lastIndexOf(' ')));
  }
  return counts;
}

const me = (): Record<string, unknown> => ({ query: '{ me { id givenName } }', token });
const both = '{ me { id givenName } sessions(first: 1) { nodes { id } } }';

/** What is answered while `method` of the user service does this. */
async function whileUser(method: string, does: () => unknown, work: () => Promise<unknown>): Promise<void> {
  const before = rig.user.answers[method];
  rig.user.answers[method] = does;
  try {
    await work();
  } finally {
    if (before === undefined) delete rig.user.answers[method];
    else rig.user.answers[method] = before;
  }
}

const throwing = (error: Error) => () => {
  throw error;
};
const refusal = new AppError('not_found', 'there is no such profile', { reason: 'profile_not_found' });

describe('an operation counts as', () => {
  const rows: [how: string, kind: string, outcome: string, work: () => Promise<unknown>][] = [
    ['ok when it is answered', 'query', 'ok', () => rig.ask(me() as never)],
    ['invalid when it cannot be read', 'unknown', 'invalid', () => rig.ask({ query: '{ me {' })],
    ['invalid when the schema has none such', 'unknown', 'invalid', () => rig.ask({ query: '{ moon }' })],
    [
      'refused when the caller may not',
      'query',
      'refused',
      () => rig.ask({ query: '{ me { id } sessions { nodes { id } } }' }),
    ],
    [
      'refused when there is none such',
      'query',
      'refused',
      () => whileUser('batchGetProfiles', throwing(refusal), () => rig.ask(me() as never)),
    ],
    [
      'failed when a service is away',
      'query',
      'failed',
      () => whileUser('batchGetProfiles', throwing(new AppError('unavailable', 'away')), () => rig.ask(me() as never)),
    ],
    [
      'failed when the fault is ours',
      'query',
      'failed',
      () => whileUser('batchGetProfiles', throwing(new Error('oops')), () => rig.ask(me() as never)),
    ],
    [
      'failed when the answer comes too late',
      'query',
      'failed',
      () =>
        whileUser(
          'batchGetProfiles',
          () => new Promise(() => undefined),
          () => rig.ask(me() as never),
        ),
    ],
    [
      'failed when one part of it failed and another was refused',
      'query',
      'failed',
      () =>
        whileUser('batchGetProfiles', throwing(refusal), async () => {
          const listed = rig.auth.answers['listSessions'];
          rig.auth.answers['listSessions'] = throwing(new AppError('unavailable', 'away'));
          await rig.ask({ query: both, token });
          if (listed !== undefined) rig.auth.answers['listSessions'] = listed;
        }),
    ],
  ];
  test.each(rows)('%s', async (_, kind, outcome, work) => {
    const before = (await counted(kind))[outcome] ?? 0;
    const all = Object.values(await counted(kind)).reduce((sum, count) => sum + count, 0);
    await work();
    await eventually(async () => {
      const after = await counted(kind);
      expect(after[outcome]).toBe(before + 1);
      expect(Object.values(after).reduce((sum, count) => sum + count, 0)).toBe(all + 1);
    });
  });
});

describe('the log', () => {
  test('has a line for a service that is away, not one for each request', () => {
    const { log, lines } = capturedLog('info');
    const shown = createPublicError(log);
    for (let request = 0; request < 500; request += 1) shown(new AppError('unavailable', 'away'));
    expect(lines().map(({ event }) => event)).toEqual(['service_unavailable']);
  });

  test('an error of a library that has no extensions is told like any other', () => {
    const bare = Object.assign(new Error('Cannot do that.'), { locations: [], path: [] });
    expect(createPublicError(capturedLog().log)(bare)).toMatchObject({
      message: 'Cannot do that.',
      extensions: { code: 'INVALID_ARGUMENT' },
    });
  });

  test('has no line for what is refused, and one for each fault of ours', () => {
    const { log, lines } = capturedLog('info');
    const shown = createPublicError(log);
    for (let request = 0; request < 3; request += 1) {
      shown(refusal);
      shown(new GraphQLError('no'));
    }
    expect(lines()).toEqual([]);
    for (let request = 0; request < 3; request += 1) shown(new Error('oops'));
    expect(lines()).toHaveLength(3);
  });
});
