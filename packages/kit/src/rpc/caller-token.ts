import { createHmac, timingSafeEqual } from 'node:crypto';
import { Caller, SignedCaller } from '@andvari/proto/common/v1/common';
import { AppError } from '../base/errors.ts';

/**
 * The signed word of the gateway, or of another service, on whose behalf a call is made. It lasts a little longer than
 * any call may, so a copy taken from the wire is of no use a minute later.
 */
const LIFETIME_US = 60_000_000n;

export function signCaller(caller: Caller, key: string, nowUs: bigint): Buffer {
  const encoded = Caller.encode(caller).finish();
  const expiresAtUs = nowUs + LIFETIME_US;
  const signature = sign(encoded, expiresAtUs, key);
  return Buffer.from(SignedCaller.encode({ caller: Buffer.from(encoded), expiresAtUs, signature }).finish());
}

/**
 * Reads words and believes only those that were signed with the key. A word serves its caller for half a minute, so the last
 * ones are remembered with who they stand for.
 */
export function callerVerifier(key: string): (word: Uint8Array, nowUs: bigint) => Caller {
  const known = new Map<string, { caller: Caller; expiresAtUs: bigint }>();
  return (word, nowUs) => {
    const text = Buffer.from(word.buffer, word.byteOffset, word.byteLength).toString('latin1');
    let signed = known.get(text);
    if (signed === undefined) {
      signed = verify(word, key);
      if (known.size === MAX_KNOWN) known.clear();
      known.set(text, signed);
    }
    if (signed.expiresAtUs < nowUs) throw refused('caller_signature_expired');
    return signed.caller;
  };
}
const MAX_KNOWN = 10_000;

function verify(word: Uint8Array, key: string): { caller: Caller; expiresAtUs: bigint } {
  const { caller, expiresAtUs, signature } = decode(() => SignedCaller.decode(word));
  const expected = sign(caller, expiresAtUs, key);
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    throw refused('caller_signature_wrong');
  }
  return { caller: decode(() => Caller.decode(caller)), expiresAtUs };
}

function sign(caller: Uint8Array, expiresAtUs: bigint, key: string): Buffer {
  const expiry = Buffer.allocUnsafe(8);
  expiry.writeBigInt64BE(expiresAtUs);
  return createHmac('sha256', key).update(caller).update(expiry).digest();
}

function decode<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refused('caller_unreadable', error);
  }
}

function refused(reason: string, cause?: unknown): AppError {
  return new AppError('unauthenticated', 'the caller could not be established', { reason, cause });
}
