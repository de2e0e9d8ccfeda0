import { assert } from '@andvari/kit/base/errors';
import type { Db } from '@andvari/kit/db/types';
import type { Commit } from '@andvari/kit/outbox/commit';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { type KeyPolicy, keyRing } from '../domain/key-ring.ts';
import { signingKeyRotatedEvent } from '../messages/events.ts';
import { ALGORITHM, type SigningKey } from '../ports/access-tokens.ts';
import type { Sealer } from '../ports/sealed.ts';
import {
  deleteSigningKeys,
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  type StoredKey,
} from '../store/signing-keys.ts';

/** Much shorter than a key is published ahead: every instance knows a key long before it signs. */
const RELOAD_EVERY_US = 10_000_000n;

export interface SigningKeys {
  current(): Promise<SigningKey>;
  /** A JSON Web Key Set with the public halves of all keys by which a live token may be signed, now or soon. */
  jwks(): Promise<string>;
}

/**
 * The signing keys, as they are in the database. They are looked at when somebody needs them and the last look is some
 * seconds old, and whoever looks first when one is due makes it; so there is no timer and no instance in charge.
 */
export function openSigningKeys({
  db,
  commit,
  now,
  sealer,
  policy,
}: {
  db: Db;
  commit: Commit;
  now: () => bigint;
  sealer: Sealer;
  policy: KeyPolicy;
}): SigningKeys {
  const opened = new Map<string, SigningKey>();
  let held: { keys: readonly SigningKey[]; atUs: bigint } | undefined;
  let loading: Promise<void> | undefined;

  const ring = async () => {
    if (held === undefined || now() - held.atUs >= RELOAD_EVERY_US) {
      // Those who come while it is read wait for the same reading.
      loading ??= load(now()).finally(() => {
        loading = undefined;
      });
      await loading;
    }
    return keyRing(held?.keys ?? [], policy, now());
  };

  const load = async (atUs: bigint): Promise<void> => {
    const stored = await listSigningKeys(db);
    const due = keyRing(stored, policy, atUs);
    const current = due.nextFromUs !== undefined || due.retired.length > 0 ? await rotate(atUs) : stored;
    held = { keys: await Promise.all(current.map(open)), atUs };
  };

  const rotate = (atUs: bigint): Promise<readonly StoredKey[]> =>
    commit(async (tx, say) => {
      await lockSigningKeys(tx);
      const stored = await listSigningKeys(tx);
      const { nextFromUs, published, retired } = keyRing(stored, policy, atUs);
      await deleteSigningKeys(
        tx,
        retired.map(({ keyId }) => keyId),
      );
      if (nextFromUs === undefined) return published;
      const made = await newKey(nextFromUs);
      await insertSigningKey(tx, made, atUs);
      say(signingKeyRotatedEvent(made.keyId));
      return [...published, made];
    });

  const newKey = async (activeFromUs: bigint): Promise<StoredKey> => {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
    const bare = await exportJWK(publicKey);
    const keyId = await calculateJwkThumbprint(bare);
    const publicJwk: JWK = { ...bare, kid: keyId, use: 'sig', alg: ALGORITHM };
    const secret = Buffer.from(JSON.stringify(await exportJWK(privateKey)));
    return {
      keyId,
      publicJwk: JSON.stringify(publicJwk),
      sealedPrivateKey: sealer.seal(secret, keyId),
      activeFromUs,
    };
  };

  const open = async ({ keyId, publicJwk, sealedPrivateKey, activeFromUs }: StoredKey): Promise<SigningKey> => {
    const before = opened.get(keyId);
    if (before !== undefined) return before;
    const secret = sealer.open(sealedPrivateKey, keyId);
    if (secret === undefined) {
      throw new Error(
        `signing key ${keyId} does not open with KEY_ENCRYPTION_KEY; give the one it was sealed with as KEY_ENCRYPTION_KEY_PREVIOUS`,
      );
    }
    const privateKey = (await importJWK(JSON.parse(secret.toString()) as JWK, ALGORITHM)) as CryptoKey;
    const key = { keyId, publicJwk: JSON.parse(publicJwk) as JWK, privateKey, activeFromUs };
    opened.set(keyId, key);
    return key;
  };

  return {
    async current() {
      const { signing } = await ring();
      assert(signing !== undefined, 'no signing key is active');
      return signing;
    },
    async jwks() {
      const { published } = await ring();
      const keys = published.map(({ publicJwk }) => publicJwk);
      return JSON.stringify({ keys });
    },
  };
}
