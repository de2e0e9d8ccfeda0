import { SignedCaller } from '@andvari/proto/common/v1/common';
import { describe, expect, test } from 'vitest';
import { nowUs } from '../src/base/clock.ts';
import { Secret } from '../src/base/config.ts';
import { noCaller, withContext } from '../src/base/context.ts';
import { AppError } from '../src/base/errors.ts';
import {
  audienceOf,
  type Callers,
  callerVerifier,
  keyBetween,
  sharedKey,
  signCaller,
} from '../src/rpc/caller-token.ts';
import type { Definition } from '../src/rpc/types.ts';
import { bareCall, callerKey, EchoService, echo, echoClient, echoServer, rejection } from './echo-service.ts';

const key = callerKey.reveal();
/** From the gateway to the echo service. */
const to = { audience: 'test', key: keyBetween(key, 'gateway', 'test') };
const forgers = { ...to, key: keyBetween('another-key', 'gateway', 'test') };
const verifier = () => callerVerifier(['test'], sharedKey(callerKey));
const alice = { ...noCaller('gateway'), userId: 'alice', scopes: ['order:place'], rolesVersion: 3n, requestId: 'r1' };
const now = 1_800_000_000_000_000n;
const MINUTE = 60_000_000n;
const LONGEST = MINUTE + MINUTE / 2n;
const elsewhere = { audience: 'portfolio', key: keyBetween(key, 'gateway', 'portfolio') };

test('who is signed for is who is read', () => {
  expect(verifier()(signCaller(alice, to, now), now)).toEqual(alice);
});

test.each<[string, Uint8Array, bigint, string]>([
  ['signed with another key', signCaller(alice, forgers, now), now, 'caller_signature_wrong'],
  ['as old as it may be where clocks are 30 seconds apart', signCaller(alice, to, now), now + LONGEST, 'valid'],
  ['older than that', signCaller(alice, to, now), now + LONGEST + 1n, 'caller_signature_expired'],
  ['from a clock that is 30 seconds ahead', signCaller(alice, to, now), now - MINUTE / 2n, 'valid'],
  ['that would last longer', signCaller(alice, to, now), now - MINUTE / 2n - 1n, 'caller_signature_too_long'],
  ['for another service', signCaller(alice, { ...to, audience: 'portfolio' }, now), now, 'caller_signature_wrong'],
  ['rightly signed for another service', signCaller(alice, elsewhere, now), now, 'caller_audience_wrong'],
  [
    'of another service in this one’s name',
    signCaller({ ...alice, service: 'user' }, to, now),
    now,
    'caller_signature_wrong',
  ],
  ['another audience under the signature', tampered({ audience: 'portfolio' }), now, 'caller_signature_wrong'],
  ['another caller under the signature', tampered({ caller: encoded('mallory') }), now, 'caller_signature_wrong'],
  ['a later expiry under the signature', tampered({ expiresAtUs: now * 2n }), now, 'caller_signature_wrong'],
  ['a signature cut short', tampered({ signature: Buffer.alloc(8) }), now, 'caller_signature_wrong'],
  ['no signature', tampered({ signature: Buffer.alloc(0) }), now, 'caller_signature_wrong'],
  ['not a message at all', Buffer.from([0xff, 0xff, 0xff]), now, 'caller_unreadable'],
  ['nothing', Buffer.alloc(0), now, 'caller_signature_wrong'],
])('%s', (_, bytes, at, expected) => {
  expect(verdict(bytes, at)).toBe(expected);
});

test('a token that is remembered expires like any other, and a forged one is not remembered', () => {
  const verify = verifier();
  const word = signCaller(alice, to, now);
  const forged = signCaller(alice, forgers, now);
  const verdicts = [0n, LONGEST, LONGEST + 1n].map((later) => verdict(Buffer.from(word), now + later, verify));
  expect(verdicts).toEqual(['valid', 'valid', 'caller_signature_expired']);
  for (let i = 0; i < 2; i += 1) expect(verdict(forged, now, verify)).toBe('caller_signature_wrong');
});

test('a token is verified once, and as many are remembered as may be; the next one begins anew', () => {
  const asked: string[] = [];
  const callers = sharedKey(callerKey);
  const noting: Callers = (issuer, audience) => {
    asked.push(issuer);
    return callers(issuer, audience);
  };
  const verify = callerVerifier(['test'], noting, 3);
  const issuers = ['gateway', 'order', 'user', 'stock'] as const;
  const words = issuers.map((service) =>
    signCaller({ ...alice, service }, { ...to, key: keyBetween(key, service, 'test') }, now),
  );
  const readers = (...places: number[]) => places.map((at) => verify(words[at] ?? Buffer.alloc(0), now).service);
  expect(readers(0, 1, 2, 0, 1, 2)).toEqual(['gateway', 'order', 'user', 'gateway', 'order', 'user']);
  expect(asked).toEqual(['gateway', 'order', 'user']);
  expect(readers(3, 0, 3, 0)).toEqual(['stock', 'gateway', 'stock', 'gateway']);
  expect(asked).toEqual(['gateway', 'order', 'user', 'stock', 'gateway']);
});

test('one that differs from a remembered one in a single byte is another one', () => {
  const verify = verifier();
  const word = signCaller(alice, to, now);
  expect(verify(word, now)).toEqual(alice);
  const differing = [...word.keys()].flatMap((at) =>
    [0x01, 0x80].map((bit) => {
      const other = Buffer.from(word);
      other[at] = (other[at] ?? 0) ^ bit;
      return verdict(other, now, verify);
    }),
  );
  expect(differing).not.toContain('valid');
});

describe('the keys of all from the one that all have', () => {
  const callers = sharedKey(callerKey);

  test('are those between the two, each pair its own', () => {
    const pairs = [
      ['order', 'user'],
      ['user', 'order'],
      ['order', 'stock'],
      ['stock', 'user'],
    ] as const;
    const keys = pairs.map(([issuer, audience]) => callers(issuer, audience));
    expect(keys).toEqual(pairs.map(([issuer, audience]) => keyBetween(key, issuer, audience)));
    expect(new Set(keys.map((each) => each?.toString('hex'))).size).toBe(pairs.length);
    expect(callers('order', 'user')).toBe(keys[0]);
  });

  test('are remembered for a thousand, whatever names are made up', () => {
    const many = sharedKey(callerKey);
    const made = Array.from({ length: 1001 }, (_, i) => many(`service-${i}`, 'user'));
    expect(many('service-999', 'user')).toBe(made[999]);
    expect(many('service-1000', 'user')).not.toBe(made[1000]);
    expect(many('service-1000', 'user')).toEqual(made[1000]);
  });
});

test.each<[what: string, definition: Definition, audience: string]>([
  ['a service is called by its name in its contract', EchoService, 'test'],
  ['one without methods has none', {}, ''],
])('%s', (_, definition, audience) => {
  expect(audienceOf(definition)).toBe(audience);
});

test('why a caller could not be established is counted, each reason from zero', async () => {
  const { metrics } = await echoServer();
  const counted = (await metrics.scrape()).body.match(/(?<=caller_signature_refused_total\{reason=")\w+(?=".* 0$)/gm);
  expect(counted?.toSorted()).toEqual([
    'caller_audience_wrong',
    'caller_missing',
    'caller_not_allowed',
    'caller_signature_expired',
    'caller_signature_too_long',
    'caller_signature_wrong',
    'caller_unreadable',
  ]);
});

test('what could not be read says why, to us', () => {
  const caught = caughtFrom(() => verifier()(Buffer.from([0xff]), now));
  expect(caught).toMatchObject({
    code: 'unauthenticated',
    message: 'the caller could not be established',
    reason: 'caller_unreadable',
    cause: expect.any(Error) as Error,
  });
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
  ['no token of a caller', () => undefined, 'caller_missing'],
  ['a forged one', () => signCaller(alice, forgers, nowUs()), 'caller_signature_wrong'],
  ['an expired one', () => signCaller(alice, to, nowUs() - 3n * MINUTE), 'caller_signature_expired'],
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

test('with a list, only those in it may call, each with its own key and nobody with a key of one’s own for others', async () => {
  const [gateways, users] = ['g', 'u'].map((letter) => new Secret(letter.repeat(32))) as [Secret, Secret];
  const callers = new Map([
    ['gateway', new Secret(keyBetween(gateways.reveal(), 'gateway', 'test').toString('base64url'))],
  ]);
  const { address, metrics } = await echoServer({}, { callers });
  const outcomes = await Promise.all(
    [
      { service: 'gateway', callerKey: gateways },
      { service: 'user', callerKey: users },
      { service: 'gateway', callerKey: users },
      { service: 'gateway', callerKey },
    ].map((who) =>
      echoClient(address, who)
        .ask({ text: 'in' })
        .then(
          ({ text }) => text,
          (error: AppError) => error.reason,
        ),
    ),
  );
  expect(outcomes).toEqual(['in', 'caller_not_allowed', 'caller_signature_wrong', 'caller_signature_wrong']);
  expect((await metrics.scrape()).body).toContain(
    'caller_signature_refused_total{reason="caller_signature_wrong",service="echo"} 2',
  );
});

test('with keys of two, who holds one calls as itself and where it belongs', async () => {
  const [ours, theirs] = ['a', 'b'].map((letter) => new Secret(letter.repeat(43))) as [Secret, Secret];
  const { address } = await echoServer({}, { callerKey: undefined, callers: new Map([['order', ours]]) });
  const asked = async (service: string, callees: Map<string, Secret>) =>
    echoClient(address, { service, callerKey: undefined, callees })
      .ask({ text: 'in' })
      .then(
        ({ text }) => text,
        (error: AppError) => error.reason,
      );
  expect(await asked('order', new Map([['test', ours]]))).toBe('in');
  expect(await asked('user', new Map([['test', ours]]))).toBe('caller_not_allowed');
  expect(await asked('order', new Map([['test', theirs]]))).toBe('caller_signature_wrong');
  await expect(asked('order', new Map([['portfolio', ours]]))).rejects.toThrow('CALLEES: names no key for test');
});

test('without any key nobody is served and nobody is called', async () => {
  await expect(echoServer({}, { callerKey: undefined })).rejects.toThrow('CALLERS: missing');
  expect(() => echoClient('127.0.0.1:1', { callerKey: undefined })).toThrow('CALLEES: names no key for test');
});

function verdict(bytes: Uint8Array, at: bigint, verify = verifier()): string {
  const caught = caughtFrom(() => verify(bytes, at));
  if (caught === undefined) return 'valid';
  if (caught instanceof AppError && caught.code === 'unauthenticated') return caught.reason;
  throw caught;
}

function caughtFrom(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

function tampered(change: Partial<SignedCaller>): Uint8Array {
  return SignedCaller.encode({ ...SignedCaller.decode(signCaller(alice, to, now)), ...change }).finish();
}

function encoded(userId: string): Buffer {
  return SignedCaller.decode(signCaller({ ...alice, userId }, to, now)).caller;
}
