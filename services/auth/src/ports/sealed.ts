import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

export interface Sealer {
  /** Names the key that seals, and tells nothing of it. */
  readonly keyName: string;
  /** `label` is bound to the content: what was sealed under one name does not open under another. */
  seal(content: Uint8Array, label: string): Buffer;
  /** Undefined where none of the keys fits. */
  open(sealed: Uint8Array, label: string): Buffer | undefined;
}

/** What a secret is used for: the same one makes another key for each. */
export type SealPurpose = 'signing keys' | 'mail' | 'refresh successor' | 'second factors';

/** Seals with the first secret and opens with any of them, so that a secret can be replaced. */
export function sealer(secrets: readonly [string, ...string[]], purpose: SealPurpose): Sealer {
  const [first, ...others] = secrets;
  const sealing = keyFrom(first, purpose);
  const keys = [sealing, ...others.map((secret) => keyFrom(secret, purpose))];
  return {
    keyName: createHash('sha256').update(sealing).digest('hex').slice(0, 16),
    seal(content, label) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv(ALGORITHM, sealing, nonce).setAAD(Buffer.from(label));
      const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
      return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
    },
    open(sealed, label) {
      for (const key of keys) {
        try {
          return opened(sealed, label, key);
        } catch {
          // Sealed with another key, or changed since: the next key decides.
        }
      }
      return undefined;
    },
  };
}

function opened(sealed: Uint8Array, label: string, key: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE))
    .setAAD(Buffer.from(label))
    .setAuthTag(sealed.subarray(-TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
}

function keyFrom(secret: string, purpose: SealPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `andvari auth ${purpose}`, 32));
}
