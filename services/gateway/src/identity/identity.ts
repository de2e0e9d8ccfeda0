import type { Nats } from '@andvari/kit/nats/nats';
import type { Scope } from '@andvari/kit/process/scope';
import type { Redis } from '@andvari/kit/redis/redis';
import type { Clients } from '../clients.ts';
import type { Config } from '../config.ts';
import { createTokenVerifier } from './access-tokens.ts';
import { createApiKeys } from './api-keys.ts';
import { type Authenticate, createAuthenticate } from './authenticate.ts';
import { apiKeyKey, LiveCredentials, sessionKey, userKey } from './live-credentials.ts';
import { askAs } from './own-questions.ts';
import { createPermissions } from './permissions.ts';
import { watchRevocations } from './revocations.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';

export interface Identity {
  authenticate: Authenticate;
  signingKeys: SigningKeys;
  credentials: LiveCredentials;
}

/** Everything that knows who somebody is and what they may do, wired to the news that change it. */
export async function openIdentity(
  scope: Scope,
  parts: { config: Config; clients: Clients; nats: Nats; redis: Redis },
): Promise<Identity> {
  const { config, clients, nats, redis } = parts;
  const { log } = scope;
  const credentials = new LiveCredentials();
  const signingKeys = createSigningKeys({
    fetchJwks: async () => (await askAs('', () => clients.auth.getJwks({}))).jwksJson,
    log,
  });
  const apiKeys = createApiKeys((request) => askAs('', () => clients.auth.authenticateApiKey(request)));
  const permissions = createPermissions({
    ask: ({ userId }) => askAs(userId, () => clients.security.listPermissions({ userId })),
    freshMs: config.PERMISSIONS_FRESH_MS,
    staleMs: config.PERMISSIONS_STALE_MS,
    log,
  });
  const revocations = await watchRevocations(scope, {
    nats,
    redis,
    onSessionRevoked: (sessionId) => credentials.end(sessionKey(sessionId)),
    onApiKeyRevoked: (apiKeyId) => {
      apiKeys.forget(apiKeyId);
      credentials.end(apiKeyKey(apiKeyId));
    },
    onRolesChanged: (userId) => {
      permissions.forget(userId);
      credentials.end(userKey(userId));
    },
    onGap: () => permissions.doubtAll(),
  });
  const verifyToken = createTokenVerifier(signingKeys.keyFor);
  return {
    authenticate: createAuthenticate({ verifyToken, apiKeys, permissions, revocations }),
    signingKeys,
    credentials,
  };
}
