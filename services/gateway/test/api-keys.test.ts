import { AppError } from '@andvari/kit/base/errors';
import { describe, expect, test } from 'vitest';
import { type ApiKeys, createApiKeys } from '../src/identity/api-keys.ts';

interface Answer {
  userId: string;
  scopes: string[];
  expiresAtUs: bigint;
  dailyNotionalCap: bigint;
}

/** Auth as a function: what it is asked, what it says. */
function auth(says: Partial<Answer> | Error = {}) {
  const asked: { id: string; secret: string }[] = [];
  let [now, answer] = [1_000_000, says];
  const keys: ApiKeys = createApiKeys(
    async (request) => {
      asked.push(request);
      const said = answer;
      await Promise.resolve();
      if (said instanceof Error) throw said;
      return { userId: 'ada', scopes: ['a'], expiresAtUs: 0n, dailyNotionalCap: 0n, ...said };
    },
    () => now,
  );
  const refused = async (id = 'k', secret = 's'): Promise<unknown> => {
    try {
      await keys.authenticate(id, secret);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  return {
    keys,
    asked,
    refused,
    pass: (ms: number) => void (now += ms),
    says: (next: Partial<Answer> | Error) => void (answer = next),
  };
}

describe('an API key', () => {
  test('is asked for with its secret, and speaks for its owner', async () => {
    const { keys, asked } = auth();
    expect(await keys.authenticate('k', 's')).toEqual({
      userId: 'ada',
      scopes: ['a'],
      dailyCap: undefined,
      untilMs: 1_015_000,
    });
    expect(asked).toEqual([{ id: 'k', secret: 's' }]);
  });

  test.each([
    ['that ends before is good until then', { expiresAtUs: 1_004_999_999n }, { untilMs: 1_004_999 }],
    ['that ends later is asked for again meanwhile', { expiresAtUs: 9_000_000_000n }, { untilMs: 1_015_000 }],
    ['with a limit of its own has it', { dailyNotionalCap: 5n }, { dailyCap: 5n }],
  ])('%s', async (_, says, wanted) => {
    expect(await auth(says).keys.authenticate('k', 's')).toMatchObject(wanted);
  });

  test('is remembered for a quarter of a minute, each with its own secret', async () => {
    const { keys, asked, pass } = auth();
    const first = await keys.authenticate('k', 's');
    pass(14_999);
    expect(keys.authenticate('k', 's')).toBe(first);
    await keys.authenticate('k', 'other');
    await keys.authenticate('l', 's');
    expect(asked).toHaveLength(3);
    pass(1);
    await keys.authenticate('k', 's');
    expect(asked).toHaveLength(4);
  });

  test('is asked for once, however many come with it at once', async () => {
    const { keys, asked } = auth();
    const all = await Promise.all([keys.authenticate('k', 's'), keys.authenticate('k', 's')]);
    expect([asked.length, all[0] === all[1]]).toEqual([1, true]);
  });
});

describe('an API key that is revoked', () => {
  test('is asked for again, and others are not', async () => {
    const { keys, asked } = auth();
    for (const id of ['k', 'kk']) await keys.authenticate(id, 's');
    keys.forget('k');
    for (const id of ['k', 'kk']) await keys.authenticate(id, 's');
    expect(asked.map(({ id }) => id)).toEqual(['k', 'kk', 'k']);
  });

  test('while auth is asked is asked for anew by whoever comes then, and other keys are not', async () => {
    const { keys, asked } = auth();
    const [early, other] = [keys.authenticate('k', 's'), keys.authenticate('kk', 's')];
    keys.forget('k');
    await Promise.all([early, other, keys.authenticate('k', 's')]);
    await keys.authenticate('kk', 's');
    await keys.authenticate('k', 's');
    expect(asked.map(({ id }) => id)).toEqual(['k', 'kk', 'k']);
  });

  test('while auth is asked is not opened by what auth said before, though somebody asks anew', async () => {
    const { keys, refused, says } = auth();
    const early = keys.authenticate('k', 's');
    keys.forget('k');
    says(new AppError('unavailable', 'x', { reason: 'y' }));
    const late = refused();
    expect([(await early).userId, await late, await refused()]).toEqual([
      'ada',
      expect.objectContaining({ code: 'unavailable' }),
      expect.objectContaining({ code: 'unavailable' }),
    ]);
  });

  test('while auth is asked by one alone is not remembered', async () => {
    const { keys, asked } = auth();
    const early = keys.authenticate('k', 's');
    keys.forget('k');
    await early;
    await keys.authenticate('k', 's');
    expect(asked).toHaveLength(2);
  });
});

describe('a key that auth refuses', () => {
  const refusals: [rule: string, says: Error, code: string, reason: string][] = [
    [
      'does not open anything, whatever auth says',
      new AppError('not_found', 'x', { reason: 'y' }),
      'unauthenticated',
      'api_key_invalid',
    ],
    ['is not judged while auth is away', new AppError('unavailable', 'x', { reason: 'y' }), 'unavailable', 'y'],
    [
      'is not judged while auth has too much to do',
      new AppError('resource_exhausted', 'x', { reason: 'y' }),
      'resource_exhausted',
      'y',
    ],
  ];
  test.each(refusals)('%s', async (_, says, code, reason) => {
    expect(await auth(says).refused()).toMatchObject({ code, reason });
  });

  test('is said to be no good, and what auth said is kept for the log', async () => {
    const says = new AppError('not_found', 'x', { reason: 'y' });
    expect(await auth(says).refused()).toMatchObject({ message: 'the API key is not good', cause: says });
  });

  test('is refused for five seconds without asking', async () => {
    const { refused, asked, pass, says } = auth(new AppError('not_found', 'x', { reason: 'y' }));
    const first = await refused();
    pass(4999);
    says({});
    expect([await refused(), asked.length]).toEqual([first, 1]);
    pass(1);
    expect([await refused(), asked.length]).toEqual([undefined, 2]);
  });

  test('because auth is away is asked for the next time', async () => {
    const { refused, says } = auth(new AppError('unavailable', 'x', { reason: 'y' }));
    await refused();
    says({});
    expect(await refused()).toBeUndefined();
  });

  test('by a fault of ours is that fault', async () => {
    const fault = new TypeError('ours');
    expect(await auth(fault).refused()).toBe(fault);
  });
});
