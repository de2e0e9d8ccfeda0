import type { AppError } from '@andvari/kit/base/errors';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { capturedLog } from '@andvari/kit/testing/captured-log';
import { eventually } from '@andvari/kit/testing/eventually';
import { describe, expect, test } from 'vitest';
import { anonymous, rightsOf, type Viewer } from '../src/identity/viewer.ts';
import { createOpenConnections } from '../src/limits/open-connections.ts';
import { createRateLimits, unitsOf } from '../src/limits/rate-limits.ts';
import type { LimitState, TokenDraw } from '../src/limits/token-buckets.ts';
import { gatewayMetrics } from '../src/metrics.ts';

const session: Viewer = {
  kind: 'session',
  userId: 'ada',
  sessionId: 's',
  apiKeyId: '',
  authenticatedAtUs: undefined,
  rights: rightsOf([], 1n),
  untilMs: 0,
};
const apiKey: Viewer = { ...session, kind: 'api_key', sessionId: '', apiKeyId: 'k' };

const passed: LimitState = { allowed: true, limit: 10, remaining: 4, resetMs: 6000 };
const refused: LimitState = { allowed: false, limit: 10, remaining: 0, resetMs: 1000 };

/** Redis as a function: what is drawn, what it answers. */
function rig(answer: LimitState | Error = passed) {
  const draws: TokenDraw[] = [];
  const registry = openMetrics('test', { runtime: false });
  const metrics = gatewayMetrics(registry);
  const { log, lines } = capturedLog();
  let says = answer;
  const limits = createRateLimits({
    draw: async (draw) => {
      draws.push(draw);
      await Promise.resolve();
      if (says instanceof Error) throw says;
      return says;
    },
    settings: { perUser: 100, perApiKey: 55, perAddress: 600, loginsPerAddress: 7 },
    metrics,
    log,
  });
  const refusals = async (): Promise<string[]> =>
    (await registry.scrape()).body.match(/(?<=^requests_refused_total\{.*limit=")\w+(?=".* [1-9]\d*$)/gm) ?? [];
  return {
    limits,
    draws,
    metrics,
    refusals,
    events: () => lines().map(({ event }) => event),
    said: () => lines().map(({ msg }) => msg),
    says: (next: LimitState | Error) => void (says = next),
  };
}

const address = { key: 'address:group', capacity: 60, perMinute: 600 };
const user = { key: 'user:ada', capacity: 10, perMinute: 100 };
const ofKey = { key: 'api_key:k', capacity: 6, perMinute: 55 };

describe('a request counts', () => {
  test.each<[rule: string, viewer: Viewer, buckets: TokenDraw['buckets']]>([
    ['against its address alone where nobody is signed in', anonymous, [address]],
    ['against its user as well', session, [address, user]],
    ['against its key within its owner', apiKey, [address, user, ofKey]],
  ])('%s', async (_, viewer, buckets) => {
    const { limits, draws } = rig();
    expect(await limits.request(viewer, 'group')).toEqual(passed);
    expect(draws).toEqual([{ buckets, spent: 0, wanted: 1 }]);
  });

  test('and is refused where there is nothing left, which is counted', async () => {
    const { limits, refusals } = rig(refused);
    expect(await limits.request(session, 'group')).toEqual(refused);
    expect(await refusals()).toEqual(['request']);
  });

  test('and one that passes is no refusal', async () => {
    const { limits, refusals } = rig();
    await limits.request(session, 'group');
    expect(await refusals()).toEqual([]);
  });

  test('for as much as it is worth, afterwards', async () => {
    const { limits, draws } = rig();
    limits.charge(apiKey, 'group', 12);
    expect(draws).toEqual([{ buckets: [address, user, ofKey], spent: 12, wanted: 0 }]);
  });

  test.each([
    [0, 1],
    [1, 1],
    [100, 1],
    [101, 2],
    [1000, 10],
  ])('with work of %i as %i', (work, units) => {
    expect(unitsOf(work)).toBe(units);
  });

  test('from a bucket that holds one at least, however little a minute has', async () => {
    const draws: TokenDraw[] = [];
    const few = createRateLimits({
      draw: async (draw) => {
        draws.push(draw);
        return passed;
      },
      settings: { perUser: 100, perApiKey: 100, perAddress: 0, loginsPerAddress: 7 },
      metrics: rig().metrics,
      log: capturedLog().log,
    });
    await few.request(anonymous, 'group');
    expect(draws[0]?.buckets).toEqual([{ key: 'address:group', capacity: 1, perMinute: 0 }]);
  });
});

describe('a sign-in', () => {
  test('is counted one by one, all of a minute’s worth at once', async () => {
    const { limits, draws } = rig();
    for (const _ of [1, 2]) expect(await limits.login('group')).toEqual(passed);
    const login = { buckets: [{ key: 'login:group', capacity: 7, perMinute: 7 }], spent: 0, wanted: 1 };
    expect(draws).toEqual([login, login]);
  });

  test('is refused where there were too many, which is counted', async () => {
    const { limits, refusals } = rig(refused);
    expect(await limits.login('group')).toEqual(refused);
    expect(await refusals()).toEqual(['login']);
  });

  test('is refused while it cannot be counted: nobody guesses uncounted', async () => {
    const { limits, refusals } = rig(new Error('away'));
    await expect(limits.login('group')).rejects.toMatchObject({
      code: 'unavailable',
      message: 'sign-ins cannot be counted',
      reason: 'login_uncounted',
      numbers: { retry_after_ms: 5000n },
    });
    expect(await refusals()).toEqual(['login_uncounted']);
  });

  test('with something wrong counts more generously', async () => {
    const { limits, draws, says, refusals } = rig();
    expect(await limits.badCredential('group')).toEqual(passed);
    expect(draws).toEqual([{ buckets: [{ key: 'bad:group', capacity: 7, perMinute: 70 }], spent: 0, wanted: 1 }]);
    says(refused);
    expect(await limits.badCredential('group')).toEqual(refused);
    expect(await refusals()).toEqual(['bad_credential']);
  });
});

describe('while Redis is away', () => {
  test('requests pass uncounted; after three it is left alone for a while, which the log tells', async () => {
    const { limits, draws, events, said } = rig(new Error('away'));
    for (const _ of [1, 2]) expect(await limits.request(session, 'group')).toBeUndefined();
    expect([draws.length, events()]).toEqual([2, []]);
    await limits.request(session, 'group');
    expect([draws.length, events()]).toEqual([3, ['rate_limits_unavailable']]);
    expect(await limits.request(session, 'group')).toBeUndefined();
    for (const viewer of [session, apiKey]) limits.charge(viewer, 'group', 5);
    expect(draws).toHaveLength(3);
    expect(said()).toEqual(['requests are not being counted: Redis does not answer']);
  });

  test('and it is asked again, and that it is back is told', async () => {
    const { limits, draws, events, says } = rig(new Error('away'));
    for (const _ of [1, 2, 3]) await limits.request(session, 'group');
    says(passed);
    await eventually(async () => expect(await limits.request(session, 'group')).toEqual(passed));
    expect(draws.length).toBeGreaterThanOrEqual(4);
    expect(events()).toEqual(['rate_limits_unavailable', 'rate_limits_unavailable_over']);
  });

  test('a failure between answers is none in a row', async () => {
    const { limits, draws, says } = rig();
    for (const _ of [1, 2, 3]) {
      says(new Error('away'));
      await limits.badCredential('group');
      says(passed);
      await limits.badCredential('group');
    }
    expect(draws).toHaveLength(6);
  });
});

const open = (perUser = 2, perAddress = 3) => {
  const { metrics, refusals } = rig();
  return { connections: createOpenConnections({ perUser, perAddress }, metrics), refusals };
};

describe('streams and sockets', () => {
  const tooMany = expect.objectContaining({
    code: 'resource_exhausted',
    message: 'too many streams and sockets are open',
    reason: 'too_many_connections',
    numbers: { retry_after_ms: 5000n },
  }) as AppError;

  test('of a user are so many, wherever they come from', async () => {
    const { connections, refusals } = open();
    connections.take(session, 'a');
    connections.take(apiKey, 'b');
    expect(() => connections.take(session, 'c')).toThrow(tooMany);
    expect(await refusals()).toEqual(['connections']);
    connections.take({ ...session, userId: 'bob' }, 'c');
  });

  test('of an address are so many, whoever they are', () => {
    const { connections } = open();
    connections.take(anonymous, 'a');
    connections.take(anonymous, 'a');
    connections.take(session, 'a');
    expect(() => connections.take({ ...session, userId: 'bob' }, 'a')).toThrow(tooMany);
    connections.take(anonymous, 'b');
  });

  test('that are refused are not counted', () => {
    const { connections } = open();
    for (const _ of [1, 2, 3]) connections.take(anonymous, 'full');
    expect(() => connections.take(session, 'full')).toThrow(tooMany);
    connections.take(session, 'a');
    connections.take(session, 'a');
  });

  test('make room when they end, each once', () => {
    const { connections } = open(2, 9);
    const first = connections.take(session, 'a');
    connections.take(session, 'a');
    first();
    first();
    connections.take(session, 'a');
    expect(() => connections.take(session, 'a')).toThrow(tooMany);
  });

  test('that have all ended leave nothing', () => {
    const { connections } = open(1, 1);
    for (const _ of [1, 2, 3]) connections.take(session, 'a')();
    connections.take(session, 'a');
    expect(() => connections.take(session, 'b')).toThrow(tooMany);
    expect(() => connections.take(anonymous, 'a')).toThrow(tooMany);
  });
});
