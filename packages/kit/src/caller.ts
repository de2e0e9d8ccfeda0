import { createHmac, timingSafeEqual } from 'node:crypto';
import { Caller, SignedCaller } from '@andvari/proto/common/v1/common';
import { AppError } from './errors.ts';

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

export function verifyCaller(bytes: Uint8Array, key: string, nowUs: bigint): Caller {
  const signed = decode(() => SignedCaller.decode(bytes));
  const expected = sign(signed.caller, signed.expiresAtUs, key);
  if (signed.signature.length !== expected.length || !timingSafeEqual(signed.signature, expected)) {
    throw refused('caller_signature_wrong');
  }
  if (signed.expiresAtUs < nowUs) throw refused('caller_signature_expired');
  return decode(() => Caller.decode(signed.caller));
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
