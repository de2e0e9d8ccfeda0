import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { SignatureAnswer } from '../domain/audit-verification.ts';

/** Signs checkpoints, and checks the signatures of this key and of those that were used before it. */
export interface SigningKey {
  readonly id: string;
  /** In hex. */
  sign(text: string): string;
  check(text: string, keyId: string, signature: string): SignatureAnswer;
}

/** `retired` are the public keys of earlier ones. */
export function signingKey(privateKey: KeyObject, retired: readonly KeyObject[] = []): SigningKey {
  const publicKey = createPublicKey(privateKey);
  const known = new Map([publicKey, ...retired].map((key) => [keyIdOf(key), key]));
  return {
    id: keyIdOf(publicKey),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('hex'),
    check(text, keyId, signature) {
      const key = known.get(keyId);
      if (key === undefined) return 'unknown_key';
      return verify(null, Buffer.from(text), key, Buffer.from(signature, 'hex')) ? 'right' : 'wrong';
    },
  };
}

function keyIdOf(publicKey: KeyObject): string {
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}
