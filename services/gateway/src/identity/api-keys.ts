import { createHash } from 'node:crypto';
import { AppError, isAppError } from '@andvari/kit/base/errors';
import type { AuthenticateApiKeyResponse } from '@andvari/proto/auth/v1/auth';
import { ExpiringCache } from './expiring-cache.ts';

export interface ApiKeyHolder {
  readonly userId: string;
  readonly scopes: readonly string[];
  /** How much it may order in a day; undefined: as much as its owner. */
  readonly dailyCap: bigint | undefined;
  readonly untilMs: number;
}

export interface ApiKeys {
  authenticate(id: string, secret: string): Promise<ApiKeyHolder> | ApiKeyHolder;
  /** What was known of the key is no longer true. */
  forget(id: string): void;
}

const REMEMBERED = 10_000;
/** A revoked key is forgotten at once; this is for when the news of it did not arrive. */
const REMEMBERED_MS = 15_000;
const REFUSAL_REMEMBERED_MS = 5000;

type Ask = (request: { id: string; secret: string }) => Promise<AuthenticateApiKeyResponse>;

/** Auth knows the keys; its answer is kept for moments under a hash, so that no secret lies around in memory. */
export function createApiKeys(ask: Ask, now: () => number = Date.now): ApiKeys {
  const answers = new ExpiringCache<ApiKeyHolder | AppError>(REMEMBERED, now);
  const asking = new Map<string, Promise<ApiKeyHolder>>();

  const askOnce = (id: string, secret: string, key: string): Promise<ApiKeyHolder> => {
    // Of a key that was revoked while we asked the answer may be from before, and another may be on its way.
    const isForgotten = (): boolean => asking.get(key) !== mine;
    const remember = (answer: ApiKeyHolder | AppError, untilMs: number): void => {
      if (!isForgotten()) answers.set(key, answer, untilMs);
    };
    const mine = (async (): Promise<ApiKeyHolder> => {
      try {
        const holder = holderFrom(await ask({ id, secret }), now() + REMEMBERED_MS);
        remember(holder, holder.untilMs);
        return holder;
      } catch (error) {
        const refusal = refusalFrom(error);
        if (refusal.code === 'unauthenticated') remember(refusal, now() + REFUSAL_REMEMBERED_MS);
        throw refusal;
      } finally {
        if (!isForgotten()) asking.delete(key);
      }
    })();
    asking.set(key, mine);
    return mine;
  };

  return {
    authenticate(id, secret) {
      const key = `${id}:${createHash('sha256').update(secret).digest('base64url')}`;
      const known = answers.get(key);
      if (known instanceof AppError) throw known;
      if (known !== undefined) return known;
      return asking.get(key) ?? askOnce(id, secret, key);
    },
    forget(id) {
      answers.deleteWhere((key) => key.startsWith(`${id}:`));
      for (const key of asking.keys()) if (key.startsWith(`${id}:`)) asking.delete(key);
    },
  };
}

function holderFrom(
  { userId, scopes, expiresAtUs, dailyNotionalCap }: AuthenticateApiKeyResponse,
  rememberedUntilMs: number,
): ApiKeyHolder {
  const untilMs = expiresAtUs === 0n ? rememberedUntilMs : Math.min(rememberedUntilMs, Number(expiresAtUs / 1000n));
  return { userId, scopes, dailyCap: dailyNotionalCap === 0n ? undefined : dailyNotionalCap, untilMs };
}

/** Whatever auth does not like about a key, its holder only learns that it does not open anything. */
function refusalFrom(error: unknown): AppError {
  if (!isAppError(error)) throw error;
  if (error.code === 'unavailable' || error.code === 'resource_exhausted') return error;
  return new AppError('unauthenticated', 'the API key is not good', { reason: 'api_key_invalid', cause: error });
}
