import { currentContext, noCaller, withContext } from '@andvari/kit/base/context';
import { AppError } from '@andvari/kit/base/errors';
import { capturedLog } from '@andvari/kit/testing/captured-log';
import { describe, expect, test } from 'vitest';
import { askAs } from '../src/identity/own-questions.ts';
import { createPermissions } from '../src/identity/permissions.ts';

const away = new AppError('unavailable', 'away');
const busy = new AppError('resource_exhausted', 'busy');

const FRESH_MS = 5000;
const STALE_MS = 20_000;

interface Answer {
  permissions: string[];
  rolesVersion: bigint;
  validUntilUs: bigint;
}

/** Security as a function: how often it was asked, what it says. */
function security(says: Partial<Answer> | Error = {}) {
  const asked: string[] = [];
  const { log, lines } = capturedLog();
  let [now, answer] = [1_000_000, says];
  const permissions = createPermissions({
    ask: async ({ userId }) => {
      asked.push(userId);
      const said = answer;
      await Promise.resolve();
      if (said instanceof Error) throw said;
      return { roles: [], permissions: ['memo:add'], rolesVersion: 1n, validUntilUs: 0n, ...said };
    },
    freshMs: FRESH_MS,
    staleMs: STALE_MS,
    log,
    now: () => now,
  });
  return {
    permissions,
    asked,
    events: () => lines().map(({ event }) => event),
    pass: (ms: number) => void (now += ms),
    says: (next: Partial<Answer> | Error) => void (answer = next),
  };
}

const rights = (...permissions: string[]) => expect.objectContaining({ known: true, scopes: permissions }) as unknown;

describe('what security says of somebody', () => {
  test('is known for a while, and asked for again then', async () => {
    const { permissions, asked, pass } = security();
    const first = await permissions.of('ada', 1n);
    pass(FRESH_MS - 1);
    expect([first, permissions.of('ada', 1n)]).toEqual([rights('memo:add'), first]);
    pass(1);
    await permissions.of('ada', 1n);
    expect(asked).toEqual(['ada', 'ada']);
  });

  test('is asked for once by all who come at once', async () => {
    const { permissions, asked } = security();
    await Promise.all([permissions.of('ada', 1n), permissions.of('ada', 1n), permissions.of('bob', 1n)]);
    expect(asked).toEqual(['ada', 'bob']);
  });

  test('of rights that run out is known until then', async () => {
    const { permissions, asked, pass } = security({ validUntilUs: 1_001_000_999n });
    await permissions.of('ada', 1n);
    pass(999);
    await permissions.of('ada', 1n);
    expect(asked).toHaveLength(1);
    pass(1);
    await permissions.of('ada', 1n);
    expect(asked).toHaveLength(2);
  });

  test('is not enough for whoever has heard of newer roles', async () => {
    const { permissions, asked, says } = security();
    await permissions.of('ada', 1n);
    await permissions.of('ada', 0n);
    expect(asked).toHaveLength(1);
    says({ permissions: [], rolesVersion: 2n });
    expect([await permissions.of('ada', 2n), asked.length]).toEqual([rights(), 2]);
  });
});

describe('while security does not answer', () => {
  test.each([
    ['away', away],
    ['busy', busy],
  ])('because it is %s, what was known serves on, for a bounded time', async (_, error) => {
    const { permissions, asked, pass, says } = security();
    await permissions.of('ada', 1n);
    says(error);
    pass(FRESH_MS);
    expect(await permissions.of('ada', 1n)).toEqual(rights('memo:add'));
    pass(STALE_MS - 1);
    expect(await permissions.of('ada', 1n)).toEqual(rights('memo:add'));
    pass(1);
    expect(await permissions.of('ada', 1n)).toEqual({ known: false });
    expect(asked).toHaveLength(4);
  });

  test('the next one asks again after a second, not each one', async () => {
    const { permissions, asked, pass, says } = security();
    await permissions.of('ada', 1n);
    says(away);
    pass(FRESH_MS);
    await permissions.of('ada', 1n);
    pass(999);
    await permissions.of('ada', 1n);
    expect(asked).toHaveLength(2);
    pass(1);
    await permissions.of('ada', 1n);
    expect(asked).toHaveLength(3);
  });

  test('rights that have run out are over', async () => {
    const { permissions, pass, says } = security({ validUntilUs: 1_006_000_000n });
    await permissions.of('ada', 1n);
    says(away);
    pass(5999);
    expect(await permissions.of('ada', 1n)).toEqual(rights('memo:add'));
    pass(1);
    expect(await permissions.of('ada', 1n)).toEqual({ known: false });
  });

  test('what is older than what somebody has heard of is not used', async () => {
    const { permissions, says } = security();
    await permissions.of('ada', 1n);
    says(away);
    expect(await permissions.of('ada', 2n)).toEqual({ known: false });
  });

  test('of whoever nothing was known nothing is, and the next one asks', async () => {
    const { permissions, asked, says } = security(away);
    expect(await permissions.of('ada', 1n)).toEqual({ known: false });
    says({});
    expect(await permissions.of('ada', 1n)).toEqual(rights('memo:add'));
    expect(asked).toHaveLength(2);
  });

  test('that is told in the log, and that it is over', async () => {
    const { permissions, events, says } = security(away);
    await permissions.of('ada', 1n);
    says({});
    await permissions.of('ada', 1n);
    expect(events()).toEqual(['permissions_unavailable', 'permissions_unavailable_over']);
  });

  test('it is not away where it says something else', async () => {
    const fault = new AppError('not_found', 'nobody');
    const { permissions, events } = security(fault);
    await expect(Promise.resolve(permissions.of('ada', 1n))).rejects.toBe(fault);
    expect(events()).toEqual([]);
  });
});

describe('where roles have changed', () => {
  test('nothing known of their user is true any more, of others it is', async () => {
    const { permissions, asked } = security();
    for (const user of ['ada', 'bob']) await permissions.of(user, 1n);
    permissions.forget('ada');
    for (const user of ['ada', 'bob']) await permissions.of(user, 1n);
    expect(asked).toEqual(['ada', 'bob', 'ada']);
  });

  test('while security was asked, its answer is from before and is not kept', async () => {
    const { permissions, asked, says } = security();
    const early = permissions.of('ada', 1n);
    permissions.forget('ada');
    says({ permissions: [] });
    const late = permissions.of('ada', 1n);
    expect([await early, await late]).toEqual([rights('memo:add'), rights()]);
    expect([await permissions.of('ada', 1n), asked.length]).toEqual([rights(), 2]);
  });

  test('while security was asked by one alone, its answer is not kept either', async () => {
    const { permissions, asked } = security();
    const early = permissions.of('ada', 1n);
    permissions.forget('ada');
    await early;
    await permissions.of('ada', 1n);
    expect(asked).toHaveLength(2);
  });

  test('while security was asked in vain, what was known before is not used', async () => {
    const { permissions, pass, says } = security();
    await permissions.of('ada', 1n);
    says(away);
    pass(FRESH_MS);
    const early = permissions.of('ada', 1n);
    permissions.forget('ada');
    expect(await early).toEqual({ known: false });
  });
});

test('after a gap everything is asked for again, and serves on while security is away', async () => {
  const { permissions, asked, says } = security();
  await permissions.of('ada', 1n);
  await permissions.of('ada', 1n);
  expect(asked).toHaveLength(1);
  permissions.doubtAll();
  says(away);
  expect(await permissions.of('ada', 1n)).toEqual(rights('memo:add'));
  expect(asked).toHaveLength(2);
  // Of whoever nothing was known before, nothing is known now.
  expect(await permissions.of('bob', 1n)).toEqual({ known: false });
});

const context = () => Promise.resolve(currentContext());

describe('what the gateway asks of its own accord', () => {
  test('is asked in the user’s name, within two seconds', async () => {
    const before = Date.now();
    const asked = await askAs('ada', context);
    expect(asked?.caller).toEqual({ ...noCaller('gateway'), userId: 'ada' });
    expect((asked?.deadline ?? 0) - before).toBeGreaterThanOrEqual(2000);
    expect((asked?.deadline ?? 0) - Date.now()).toBeLessThanOrEqual(2000);
    expect([asked?.signal.aborted, asked?.requestId.length]).toEqual([false, 36]);
    expect(asked?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
  });

  test('belongs to the request that it is asked for, and does not end with it', async () => {
    const over = AbortSignal.abort();
    const around = { requestId: 'r', caller: noCaller('web'), deadline: 0, signal: over, traceparent: 't' };
    const asked = await withContext(around, () => askAs('', context));
    expect(asked).toMatchObject({ requestId: 'r', traceparent: 't', caller: { service: 'gateway', userId: '' } });
    expect(asked?.signal.aborted).toBe(false);
  });
});
