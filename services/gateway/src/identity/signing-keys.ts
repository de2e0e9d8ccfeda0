import { AppError } from '@andvari/kit/base/errors';
import type { Log } from '@andvari/kit/observe/log';
import { logTrouble } from '@andvari/kit/observe/log-trouble';
import {
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWTHeaderParameters,
  type JWTVerifyGetKey,
} from 'jose';

/** The public keys of auth. Once fetched they serve on while auth is away; a key nobody knows is asked for, not too often. */
export interface SigningKeys {
  keyFor: JWTVerifyGetKey;
  /** The key set as auth gave it, for whoever wants to verify tokens of their own. */
  json(): Promise<string>;
}

const ASK_AGAIN_AFTER_MS = 5000;
/** Without any key nobody is let in: worth asking more often. */
const ASK_FIRST_AFTER_MS = 250;
const FRESH_MS = 300_000;

export function createSigningKeys(options: {
  fetchJwks: () => Promise<string>;
  log: Log;
  now?: () => number;
}): SigningKeys {
  const { fetchJwks, log, now = Date.now } = options;
  let known: { json: string; keyFor: JWTVerifyGetKey; fetchedAtMs: number } | undefined;
  const silence = logTrouble(log, {
    event: 'signing_keys_unavailable',
    message: 'the signing keys could not be fetched',
  });
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  const ask = (): Promise<void> => {
    asking ??= (async () => {
      askedAtMs = now();
      try {
        const json = await fetchJwks();
        silence.recovered();
        known = { json, keyFor: createLocalJWKSet(JSON.parse(json) as JSONWebKeySet), fetchedAtMs: now() };
      } catch (error) {
        silence.failed(error);
      } finally {
        asking = undefined;
      }
    })();
    return asking;
  };
  const mayAsk = (): boolean =>
    asking !== undefined || now() - askedAtMs >= (known === undefined ? ASK_FIRST_AFTER_MS : ASK_AGAIN_AFTER_MS);

  const current = async () => {
    if (known === undefined && mayAsk()) await ask();
    if (known === undefined) throw new AppError('unavailable', 'signing keys are not known yet', { reason: 'no_keys' });
    // A key that was withdrawn goes within minutes; nobody waits for that.
    if (now() - known.fetchedAtMs > FRESH_MS && mayAsk()) void ask();
    return known;
  };

  return {
    async keyFor(header: JWTHeaderParameters, token: FlattenedJWSInput) {
      const { keyFor } = await current();
      try {
        return await keyFor(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || !mayAsk()) throw error;
        await ask();
        return (known?.keyFor ?? keyFor)(header, token);
      }
    },
    json: async () => (await current()).json,
  };
}
