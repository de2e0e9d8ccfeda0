import { createHmac, timingSafeEqual } from 'node:crypto';
import { Caller, SignedCaller } from '@andvari/proto/common/v1/common';
import type { Secret } from '../base/config.ts';
import { AppError } from '../base/errors.ts';
import type { Definition } from './types.ts';

/**
 * The caller token: on whose behalf a call is made, signed by the service that makes it (the issuer) for the one that is
 * called (the audience). It lasts a little longer than any call may, so a copy taken from the wire is of no use minutes
 * later, and none at another service.
 */
const LIFETIME_US = 60_000_000n;
/** How far apart the clocks of two machines may be. */
const CLOCK_LEEWAY_US = 30_000_000n;

/** Names the key of an issuer's tokens for this service; undefined where that issuer may not call. */
export type Callers = (issuer: string, audience: string) => Buffer | undefined;

/** The key between two services, from the issuer's own: the audience can be given it and signs for nobody else with it. */
export function keyBetween(issuerKey: string, issuer: string, audience: string): Buffer {
  return createHmac('sha256', issuerKey).update(`andvari caller token\n${issuer}\n${audience}`).digest();
}

/** All services have one key, as in development: whoever has it may call. */
export function sharedKey(key: Secret): Callers {
  const known = new Map<string, Buffer>();
  return (issuer, audience) => {
    const pair = `${issuer}\n${audience}`;
    let made = known.get(pair);
    if (made === undefined) {
      made = keyBetween(key.reveal(), issuer, audience);
      if (known.size < 1000) known.set(pair, made);
    }
    return made;
  };
}

/** Only those in the list may call, each with its own key: what CALLERS says. */
export function listedCallers(keys: ReadonlyMap<string, Secret>): Callers {
  const known = new Map([...keys].map(([issuer, key]) => [issuer, Buffer.from(key.reveal(), 'base64url')]));
  return (issuer) => known.get(issuer);
}

/** What a service is called as an audience: `user` for `/andvari.user.v1.UserService/…`. */
export function audienceOf(definition: Definition): string {
  return Object.values(definition)[0]?.path.split('.')[1] ?? '';
}

export function signCaller(caller: Caller, to: { audience: string; key: Buffer }, nowUs: bigint): Buffer {
  const encoded = Buffer.from(Caller.encode(caller).finish());
  const expiresAtUs = nowUs + LIFETIME_US;
  const signature = sign(encoded, expiresAtUs, to.audience, to.key);
  const signed = { caller: encoded, expiresAtUs, signature, audience: to.audience };
  return Buffer.from(SignedCaller.encode(signed).finish());
}

/**
 * Verifies tokens made for these audiences. A token serves its caller for half a minute, so the last ones are remembered
 * with who they stand for.
 */
export function callerVerifier(audiences: readonly string[], callers: Callers, maxKnown = MAX_KNOWN) {
  const ours = new Set(audiences);
  const known = new Map<string, { caller: Caller; expiresAtUs: bigint }>();
  return (token: Uint8Array, nowUs: bigint): Caller => {
    const text = Buffer.from(token.buffer, token.byteOffset, token.byteLength).toString('latin1');
    let signed = known.get(text);
    if (signed === undefined) {
      signed = verify(token, ours, callers);
      if (known.size === maxKnown) known.clear();
      known.set(text, signed);
    }
    if (signed.expiresAtUs + CLOCK_LEEWAY_US < nowUs) throw callerError('caller_signature_expired');
    if (signed.expiresAtUs - nowUs > LIFETIME_US + CLOCK_LEEWAY_US) throw callerError('caller_signature_too_long');
    return signed.caller;
  };
}
const MAX_KNOWN = 10_000;

function verify(
  token: Uint8Array,
  ours: ReadonlySet<string>,
  callers: Callers,
): { caller: Caller; expiresAtUs: bigint } {
  const { caller: encoded, expiresAtUs, signature, audience } = decode(() => SignedCaller.decode(token));
  const caller = decode(() => Caller.decode(encoded));
  const key = callers(caller.service, audience);
  if (key === undefined) throw callerError('caller_not_allowed');
  const expected = sign(encoded, expiresAtUs, audience, key);
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    throw callerError('caller_signature_wrong');
  }
  if (!ours.has(audience)) throw callerError('caller_audience_wrong');
  return { caller, expiresAtUs };
}

function sign(caller: Uint8Array, expiresAtUs: bigint, audience: string, key: Buffer): Buffer {
  const expiry = Buffer.allocUnsafe(8);
  expiry.writeBigInt64BE(expiresAtUs);
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(caller.length);
  return createHmac('sha256', key).update(length).update(caller).update(expiry).update(audience).digest();
}

function decode<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw callerError('caller_unreadable', error);
  }
}

/** Why nobody knows on whose behalf a call is made. */
export const callerFaults = [
  'caller_missing',
  'caller_unreadable',
  'caller_not_allowed',
  'caller_audience_wrong',
  'caller_signature_wrong',
  'caller_signature_expired',
  'caller_signature_too_long',
] as const;

export function callerError(reason: (typeof callerFaults)[number], cause?: unknown): AppError {
  return new AppError('unauthenticated', 'the caller could not be established', { reason, cause });
}
