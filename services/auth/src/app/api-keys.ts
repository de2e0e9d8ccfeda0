import { AppError, invalid, notFound } from '@andvari/kit/base/errors';
import type { Page } from '@andvari/kit/handler/page';
import { v7 as uuidv7 } from 'uuid';
import { type ApiKey, isExpired, isUseWorthNoting, MAX_API_KEYS, scopesProblem } from '../domain/api-key.ts';
import { apiKeyCreatedEvent, apiKeyRevokedEvents } from '../messages/events.ts';
import { isSame, newToken, tokenHash } from '../ports/secrets.ts';
import {
  countApiKeys,
  findApiKey,
  insertApiKey,
  listApiKeys,
  noteApiKeyUse,
  revokeApiKeys,
} from '../store/api-keys.ts';
import { lockUser } from '../store/users.ts';
import type { Deps } from './deps.ts';

export interface CreateApiKeyCommand {
  userId: string;
  name: string;
  scopes: readonly string[];
  expiresAtUs: bigint;
  dailyNotionalCap: bigint;
}

export function apiKeys({ db, commit, now, metrics }: Deps) {
  return {
    /** `granted`: what its maker may do; undefined for a maker who is no user. The secret is told this once. */
    async createApiKey(
      command: CreateApiKeyCommand,
      granted: readonly string[] | undefined,
    ): Promise<{ key: ApiKey; secret: string }> {
      const atUs = now();
      const scopes = [...new Set(command.scopes)];
      const wrong = scopesProblem(scopes, granted);
      if (wrong !== undefined) throw invalid(wrong.field, wrong.problem, 'scope_refused');
      const key: ApiKey = { ...command, id: uuidv7(), scopes, createdAtUs: atUs, lastUsedAtUs: 0n };
      if (isExpired(key, atUs)) throw invalid('expires_at_us', 'should be in the future');
      const { token, hash } = newToken();
      await commit(async (tx, say) => {
        if ((await lockUser(tx, key.userId)) === undefined) throw notFound('user', key.userId);
        if ((await countApiKeys(tx, key.userId)) >= MAX_API_KEYS) throw tooMany();
        await insertApiKey(tx, key, hash);
        say(apiKeyCreatedEvent(key));
      });
      return { key, secret: token };
    },

    listApiKeys(userId: string, page: Page): Promise<ApiKey[]> {
      return listApiKeys(db, userId, page);
    },

    async revokeApiKey(userId: string, id: string): Promise<void> {
      await commit(async (tx, say) => {
        const revoked = await revokeApiKeys(tx, userId, id, now());
        if (revoked.length === 0) throw notFound('api key', id);
        say(...apiKeyRevokedEvents(userId, revoked));
      });
    },

    /** One answer for a key that nobody has, one that was revoked and a wrong secret. */
    async authenticateApiKey(id: string, secret: string): Promise<ApiKey> {
      const atUs = now();
      const found = await findApiKey(db, id);
      const hash = tokenHash(secret);
      if (found === undefined || hash === undefined || !isSame(found.secretHash, hash))
        throw apiKeyError('api_key_invalid');
      if (isExpired(found.key, atUs)) throw apiKeyError('api_key_expired');
      if (isUseWorthNoting(found.key, atUs)) await noteApiKeyUse(db, id, atUs);
      metrics.apiKeyChecks.inc({ outcome: 'accepted' });
      return found.key;
    },
  };

  function apiKeyError(reason: 'api_key_invalid' | 'api_key_expired'): AppError {
    metrics.apiKeyChecks.inc({ outcome: reason });
    return new AppError('unauthenticated', 'the API key is not valid', { reason });
  }
}

function tooMany(): AppError {
  return new AppError('failed_precondition', `at most ${MAX_API_KEYS} API keys; revoke one first`, {
    reason: 'too_many_api_keys',
  });
}
