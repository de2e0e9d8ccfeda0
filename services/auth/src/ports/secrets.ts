import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const BYTES = 32;
const SHAPE = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits to hand out once, and the hash of them to keep. Nothing this random needs salt or a slow hash. */
export function newToken(): { token: string; hash: Buffer } {
  const token = randomBytes(BYTES).toString('base64url');
  return { token, hash: hashOf(token) };
}

/** Undefined for what cannot be one of ours. */
export function tokenHash(token: string): Buffer | undefined {
  return SHAPE.test(token) ? hashOf(token) : undefined;
}

/** What stands in the database for something that is looked up but not to be read: an email address, an address. */
export function lookupKey(kind: string, ...parts: readonly string[]): Buffer {
  return hashOf(JSON.stringify([kind, ...parts]));
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
