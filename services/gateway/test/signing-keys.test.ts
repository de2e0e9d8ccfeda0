import { capturedLog } from '@andvari/kit/testing/captured-log';
import { decodeProtectedHeader, errors } from 'jose';
import { describe, expect, test } from 'vitest';
import { createSigningKeys } from '../src/identity/signing-keys.ts';
import { type TestTokens, testTokens } from './test-tokens.ts';

async function rig() {
  const tokens: TestTokens = await testTokens();
  const { log, lines } = capturedLog();
  let [now, isAway, asked] = [1_000_000, false, 0];
  const keys = createSigningKeys({
    fetchJwks: async () => {
      asked += 1;
      await Promise.resolve();
      if (isAway) throw new Error('away');
      return tokens.jwks();
    },
    log,
    now: () => now,
  });
  const keyOf = async (by: TestTokens = tokens) => {
    const token = await by.sign({ sub: 'ada' });
    const [head = '', payload = '', signature = ''] = token.split('.');
    const { kid = '' } = decodeProtectedHeader(token);
    return keys.keyFor({ alg: 'EdDSA', kid }, { protected: head, payload, signature });
  };
  return {
    tokens,
    keys,
    keyOf,
    events: () => lines().map(({ event }) => event),
    asked: () => asked,
    pass: (ms: number) => void (now += ms),
    away: (is: boolean) => void (isAway = is),
  };
}

const noKeys = { code: 'unavailable', reason: 'no_keys', message: 'signing keys are not known yet' };

describe('the keys of auth', () => {
  test('are asked for once, and given on as they are', async () => {
    const { keys, keyOf, tokens, asked } = await rig();
    expect(await Promise.all([keys.json(), keys.json()])).toEqual([tokens.jwks(), tokens.jwks()]);
    expect(await keyOf()).toMatchObject({ type: 'public' });
    expect(asked()).toBe(1);
  });

  test('that nobody knows yet let nobody in, and are asked for four times a second', async () => {
    const { keys, keyOf, asked, pass, away } = await rig();
    away(true);
    await expect(keys.json()).rejects.toMatchObject(noKeys);
    pass(249);
    await expect(keyOf()).rejects.toMatchObject(noKeys);
    expect(asked()).toBe(1);
    pass(1);
    away(false);
    await keyOf();
    expect(asked()).toBe(2);
  });

  test('that could not be fetched are told of in the log, once', async () => {
    const { keys, events, pass, away } = await rig();
    away(true);
    for (const _ of [1, 2]) {
      await expect(keys.json()).rejects.toMatchObject(noKeys);
      pass(250);
    }
    away(false);
    await keys.json();
    expect(events()).toEqual(['signing_keys_unavailable', 'signing_keys_unavailable_over']);
  });

  test('serve on while auth is away, and are asked for anew behind whoever comes after five minutes', async () => {
    const { keys, tokens, asked, pass, away } = await rig();
    const first = await keys.json();
    await tokens.rotate();
    pass(300_000);
    await keys.json();
    expect(asked()).toBe(1);
    pass(1);
    away(true);
    expect([await keys.json(), await keys.json()]).toEqual([first, first]);
    expect(asked()).toBe(2);
    pass(4999);
    await keys.json();
    expect(asked()).toBe(2);
    away(false);
    pass(1);
    expect(await keys.json()).toBe(first);
    expect([await keys.json(), asked()]).toEqual([tokens.jwks(), 3]);
  });
});

describe('a key that nobody knows', () => {
  test('is asked for, and found where it was new', async () => {
    const { keyOf, tokens, asked, pass } = await rig();
    await keyOf();
    await tokens.rotate();
    pass(5000);
    expect(await keyOf()).toMatchObject({ type: 'public' });
    expect(asked()).toBe(2);
  });

  test('is not asked for within five seconds', async () => {
    const { keyOf, tokens, asked, pass } = await rig();
    await keyOf();
    await tokens.rotate();
    pass(4999);
    await expect(keyOf()).rejects.toThrow(errors.JWKSNoMatchingKey);
    expect(asked()).toBe(1);
  });

  test('is asked for once by all who come with it at once, and found by all', async () => {
    const { keyOf, tokens, asked, pass } = await rig();
    await keyOf();
    await tokens.rotate();
    pass(5000);
    expect(await Promise.all([keyOf(), keyOf(), keyOf()])).toHaveLength(3);
    expect(asked()).toBe(2);
  });

  test('is no good where auth does not know it either', async () => {
    const { keyOf, asked, pass } = await rig();
    await keyOf();
    pass(5000);
    await expect(keyOf(await testTokens())).rejects.toThrow(errors.JWKSNoMatchingKey);
    expect(asked()).toBe(2);
  });

  test('is no good while auth is away', async () => {
    const { keyOf, tokens, pass, away } = await rig();
    await keyOf();
    await tokens.rotate();
    pass(5000);
    away(true);
    await expect(keyOf()).rejects.toThrow(errors.JWKSNoMatchingKey);
  });
});

test('a token that is wrong in another way is no reason to ask', async () => {
  const { keys, keyOf, asked, pass } = await rig();
  await keyOf();
  pass(5000);
  await expect(keys.keyFor({ alg: 'HS256' }, { payload: '', signature: '' })).rejects.toThrow();
  expect(asked()).toBe(1);
});
