import { describe, expect, test } from 'vitest';
import { Secret } from '../src/base/config.ts';
import { type CallerKeys, callerKeysFrom, keyFor, knownCallers } from '../src/rpc/caller-keys.ts';
import { keyBetween } from '../src/rpc/caller-token.ts';

const shared = new Secret('a-key-for-tests-of-32-characters!');
const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => 200 + index));
const ofTwo = new Secret(bytes.toString('base64url'));
const keys = new Map([['portfolio', ofTwo]]);

test('what is configured is taken over, each for itself', () => {
  expect(callerKeysFrom({ CALLER_KEY: shared, CALLERS: keys, CALLEES: new Map() })).toEqual({
    callerKey: shared,
    callers: keys,
    callees: new Map(),
  });
});

describe('the key that order’s tokens are signed with', () => {
  test.each<[rule: string, keys: CallerKeys, audience: string, key: Buffer]>([
    ['is the one it has with whom it calls', { callees: keys }, 'portfolio', bytes],
    ['also where all have one', { callees: keys, callerKey: shared }, 'portfolio', bytes],
    ['is made of the one that all have', { callerKey: shared }, 'stock', keyBetween(shared.reveal(), 'order', 'stock')],
  ])('%s', (_, given, audience, key) => {
    expect(keyFor(given, 'order', audience)).toEqual(key);
  });

  test.each<[rule: string, keys: CallerKeys]>([
    ['is missing where none is given', {}],
    ['is missing where it has keys and none for this one', { callees: keys }],
    ['is not made of the one that all have where it has keys of its own', { callees: keys, callerKey: shared }],
  ])('%s', (_, given) => {
    expect(() => keyFor(given, 'order', 'stock')).toThrow('CALLEES: names no key for stock, which order calls');
  });
});

describe('who may call', () => {
  test.each<[rule: string, keys: CallerKeys, issuer: string, key: Buffer | undefined]>([
    ['is who is listed, with its key', { callers: keys }, 'portfolio', bytes],
    ['is nobody else', { callers: keys }, 'gateway', undefined],
    ['is nobody else, though all have one key', { callers: keys, callerKey: shared }, 'gateway', undefined],
    ['is whoever has the key of all', { callerKey: shared }, 'gateway', keyBetween(shared.reveal(), 'gateway', 'user')],
  ])('%s', (_, given, issuer, key) => {
    expect(knownCallers(given)(issuer, 'user')).toEqual(key);
  });

  test('has to be said', () => {
    expect(() => knownCallers({ callees: keys })).toThrow(
      'CALLERS: missing; should name who may call, or CALLER_KEY be given',
    );
  });
});
