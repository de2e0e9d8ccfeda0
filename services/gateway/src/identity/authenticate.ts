import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@andvari/kit/base/errors';
import type { Claims } from './access-tokens.ts';
import type { ApiKeys } from './api-keys.ts';
import { ACCESS_COOKIE, cookieFrom } from './cookies.ts';
import type { Permissions } from './permissions.ts';
import type { Revocations } from './revocations.ts';
import { anonymous, intersection, type Rights, rightsOf, type Viewer } from './viewer.ts';

/** What a request shows of itself, before anybody has checked it. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string; readonly isCookie: boolean }
  | { readonly kind: 'api_key'; readonly id: string; readonly secret: string }
  /** Something was shown that is none of ours: a scheme that we do not know, half an API key. */
  | { readonly kind: 'unknown' };

export function credentialFrom(headers: IncomingHttpHeaders): Credential {
  const id = headers['x-api-key-id'];
  const secret = headers['x-api-key-secret'];
  if (typeof id === 'string' && typeof secret === 'string') return { kind: 'api_key', id, secret };
  const bearer = /^Bearer ([\w.~+/=-]+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { kind: 'token', token: bearer, isCookie: false };
  if (headers.authorization !== undefined || id !== undefined || secret !== undefined) return { kind: 'unknown' };
  const cookie = cookieFrom(headers.cookie, ACCESS_COOKIE);
  return cookie === undefined ? { kind: 'none' } : { kind: 'token', token: cookie, isCookie: true };
}

export interface Authenticators {
  verifyToken: (token: string) => Claims | Promise<Claims>;
  apiKeys: Pick<ApiKeys, 'authenticate'>;
  permissions: Pick<Permissions, 'of'>;
  revocations: Pick<Revocations, 'isRevoked'>;
}

export type Authenticate = (credential: Credential) => Viewer | Promise<Viewer>;

/** Streams that hang on an API key ask again after this long. */
const KEY_STREAM_MS = 300_000;

/** Finds out who it is. A credential that is shown and is not good is refused, never taken for none. */
export function createAuthenticate({ verifyToken, apiKeys, permissions, revocations }: Authenticators): Authenticate {
  const ofSession = (claims: Claims): Viewer | Promise<Viewer> => {
    const { userId, sessionId, issuedAtMs, expiresAtMs, rolesVersion, authenticatedAtUs } = claims;
    if (revocations.isRevoked(sessionId, issuedAtMs)) {
      throw new AppError('unauthenticated', 'the session has ended', { reason: 'session_revoked' });
    }
    const viewer = (rights: Rights): Viewer => ({
      kind: 'session',
      userId,
      sessionId,
      apiKeyId: '',
      authenticatedAtUs,
      rights,
      untilMs: expiresAtMs,
    });
    const rights = permissions.of(userId, rolesVersion);
    return rights instanceof Promise ? rights.then(viewer) : viewer(rights);
  };

  const ofApiKey = async (apiKeyId: string, secret: string): Promise<Viewer> => {
    const { userId, scopes, dailyCap } = await apiKeys.authenticate(apiKeyId, secret);
    const rights = await permissions.of(userId, 0n);
    const narrowed: Rights = rights.known
      ? rightsOf(intersection(rights.permissions, scopes), rights.rolesVersion)
      : rights;
    const untilMs = Date.now() + KEY_STREAM_MS;
    return {
      kind: 'api_key',
      userId,
      sessionId: '',
      apiKeyId,
      apiKeyDailyCap: dailyCap,
      authenticatedAtUs: undefined,
      rights: narrowed,
      untilMs,
    };
  };

  return (credential) => {
    switch (credential.kind) {
      case 'none':
        return anonymous;
      case 'unknown':
        throw new AppError('unauthenticated', 'the credential is of no kind that is known here', {
          reason: 'credential_unknown',
        });
      case 'token': {
        const claims = verifyToken(credential.token);
        return claims instanceof Promise ? claims.then(ofSession) : ofSession(claims);
      }
      case 'api_key':
        return ofApiKey(credential.id, credential.secret);
    }
  };
}
