import { createHmac, randomBytes } from 'node:crypto';
import { CODE_DIGITS, RECOVERY_CODES } from '../domain/second-factor.ts';
import { isSame } from './secrets.ts';

const SECRET_BYTES = 20;
const RECOVERY_BYTES = 10;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** As many bits as the hash has, which RFC 4226 recommends. */
export function newFactorSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** 80 random bits each: nobody guesses one, so a plain hash keeps them. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => base32(randomBytes(RECOVERY_BYTES)).toLowerCase());
}

/** HOTP, RFC 4226: the code that a step of the clock makes of the secret. */
export function codeOf(secret: Uint8Array, step: bigint): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(step);
  const digest = createHmac('sha1', secret).update(counter).digest();
  const offset = digest.readUInt8(digest.length - 1) & 0xf;
  const number = digest.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** CODE_DIGITS).padStart(CODE_DIGITS, '0');
}

/** The latest of the steps that make this code. */
export function matchingStep(secret: Uint8Array, code: string, steps: readonly bigint[]): bigint | undefined {
  return steps.filter((step) => isSame(Buffer.from(codeOf(secret, step)), Buffer.from(code))).at(-1);
}

/** RFC 4648, without padding: what is encoded here has none. */
export function base32(bytes: Uint8Array): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return bits.replaceAll(/.{5}/g, (five) => ALPHABET.charAt(Number.parseInt(five, 2)));
}
