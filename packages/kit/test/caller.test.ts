import { SignedCaller } from '@andvari/proto/common/v1/common';
import { expect, test } from 'vitest';
import { nowUs } from '../src/base/clock.ts';
import { Secret } from '../src/base/config.ts';
import { noCaller, withContext } from '../src/base/context.ts';
import { AppError } from '../src/base/errors.ts';
import { callerVerifier, signCaller } from '../src/rpc/caller-token.ts';
import { bareCall, callerKey, echo, echoClient, echoServer, rejection } from './echo-service.ts';

const key = callerKey.reveal();
const alice = { ...noCaller('gateway'), userId: 'alice', scopes: ['order:place'], rolesVersion: 3n, requestId: 'r1' };
const now = 1_800_000_000_000_000n;
const MINUTE = 60_000_000n;

test('who is signed for is who is read', () => {
  expect(callerVerifier(key)(signCaller(alice, key, now), now)).toEqual(alice);
});

test.each<[string, Uint8Array, bigint, string]>([
  ['signed with another key', signCaller(alice, 'another-key', now), now, 'caller_signature_wrong'],
  ['a minute old', signCaller(alice, key, now), now + MINUTE, 'valid'],
  ['older than a minute', signCaller(alice, key, now), now + MINUTE + 1n, 'caller_signature_expired'],
  ['another caller under the signature', tampered({ caller: encoded('mallory') }), now, 'caller_signature_wrong'],
  ['a later expiry under the signature', tampered({ expiresAtUs: now * 2n }), now, 'caller_signature_wrong'],
  ['a signature cut short', tampered({ signature: Buffer.alloc(8) }), now, 'caller_signature_wrong'],
  ['no signature', tampered({ signature: Buffer.alloc(0) }), now, 'caller_signature_wrong'],
  ['not a message at all', Buffer.from([0xff, 0xff, 0xff]), now, 'caller_unreadable'],
  ['nothing', Buffer.alloc(0), now, 'caller_signature_wrong'],
])('%s', (_, bytes, at, expected) => {
  expect(verdict(bytes, at)).toBe(expected);
});

test('a word that is remembered expires like any other, and a forged one is not remembered', () => {
  const verify = callerVerifier(key);
  const word = signCaller(alice, key, now);
  const forged = signCaller(alice, 'another-key', now);
  const verdicts = [0n, MINUTE, MINUTE + 1n].map((later) => verdict(Buffer.from(word), now + later, verify));
  expect(verdicts).toEqual(['valid', 'valid', 'caller_signature_expired']);
  for (let i = 0; i < 2; i += 1) expect(verdict(forged, now, verify)).toBe('caller_signature_wrong');
});

test('more words than are remembered are all read right', () => {
  const verify = callerVerifier(key);
  const words = Array.from({ length: 25_000 }, (_, i) => signCaller({ ...alice, userId: `user-${i}` }, key, now));
  for (const _ of [1, 2]) {
    expect(words.map((word) => verify(word, now).userId)).toEqual(words.map((_word, i) => `user-${i}`));
  }
});

test('the service sees the caller in whose context the call is made, and which service made it', async () => {
  const client = await echo({ ask: async (_, { caller }) => ({ text: `${caller.userId} by ${caller.service}` }) });
  const context = {
    requestId: 'r1',
    caller: alice,
    deadline: Date.now() + 5000,
    signal: new AbortController().signal,
    traceparent: '',
  };
  expect(await withContext(context, () => client.ask({ text: '' }))).toEqual({ text: 'alice by test' });
  expect(await client.ask({ text: '' })).toEqual({ text: ' by test' });
});

test('a client with the wrong key is refused', async () => {
  const { address } = await echoServer();
  const { ask } = echoClient(address, { callerKey: new Secret('quite-another-key-of-32-characters') });
  expect(await rejection(ask({ text: '' }))).toMatchObject({
    code: 'unauthenticated',
    reason: 'caller_signature_wrong',
  });
});

test.each<[string, () => Buffer | undefined, string]>([
  ['no word of a caller', () => undefined, 'caller_missing'],
  ['a forged one', () => signCaller(alice, 'another-key', nowUs()), 'caller_signature_wrong'],
  ['an expired one', () => signCaller(alice, key, nowUs() - 2n * MINUTE), 'caller_signature_expired'],
  ['an unreadable one', () => Buffer.from([0xff]), 'caller_unreadable'],
])('a call with %s does not reach the handler', async (_, word, reason) => {
  let reached = false;
  const { address } = await echoServer({
    ask: async (request) => {
      reached = true;
      return request;
    },
  });
  const { error } = await bareCall(address, { caller: word() });
  expect(String(error?.metadata.get('andvari-error-bin')[0])).toContain(reason);
  expect(reached).toBe(false);
});

function verdict(bytes: Uint8Array, at: bigint, verify = callerVerifier(key)): string {
  try {
    verify(bytes, at);
    return 'valid';
  } catch (error) {
    if (error instanceof AppError && error.code === 'unauthenticated') return error.reason;
    throw error;
  }
}

function tampered(change: Partial<SignedCaller>): Uint8Array {
  return SignedCaller.encode({ ...SignedCaller.decode(signCaller(alice, key, now)), ...change }).finish();
}

function encoded(userId: string): Buffer {
  return SignedCaller.decode(signCaller({ ...alice, userId }, 'x', now)).caller;
}
