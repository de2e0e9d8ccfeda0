import { AppError, isAppError } from '@andvari/kit/base/errors';
import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { ExpiringCache } from './expiring-cache.ts';

/** What an access token says. */
export interface Claims {
  readonly userId: string;
  readonly sessionId: string;
  readonly rolesVersion: bigint;
  readonly issuedAtMs: number;
  /** When the password was last typed, where the token says so. */
  readonly authenticatedAtUs: bigint | undefined;
  readonly expiresAtMs: number;
}

const REMEMBERED = 10_000;

/**
 * Checks signature, issuer, audience and expiry. A token that was good is remembered until it runs out, because the
 * check costs more than all the rest of a small request; whether its session was revoked is asked elsewhere, each time.
 */
export function createTokenVerifier(keyFor: JWTVerifyGetKey): (token: string) => Claims | Promise<Claims> {
  const verified = new ExpiringCache<Claims>(REMEMBERED);

  const verify = async (token: string): Promise<Claims> => {
    const claims = claimsFrom(await checked(token, keyFor));
    verified.set(token, claims, claims.expiresAtMs);
    return claims;
  };
  return (token) => verified.get(token) ?? verify(token);
}

async function checked(token: string, keyFor: JWTVerifyGetKey): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keyFor, {
      issuer: 'andvari',
      audience: 'andvari-api',
      algorithms: ['EdDSA'],
      requiredClaims: ['sub', 'sid', 'rv', 'iat', 'exp'],
    });
    return payload;
  } catch (error) {
    if (isAppError(error)) throw error;
    throw tokenError(error);
  }
}

function claimsFrom({ sub, sid, rv, iat, exp, auth_time: authTime }: JWTPayload): Claims {
  if (!isId(sub) || !isId(sid) || !isWhole(rv) || !isWhole(iat) || !isWhole(exp)) {
    throw tokenError();
  }
  return {
    userId: sub,
    sessionId: sid,
    rolesVersion: BigInt(rv),
    issuedAtMs: iat * 1000,
    authenticatedAtUs: isWhole(authTime) ? BigInt(authTime) * 1_000_000n : undefined,
    expiresAtMs: exp * 1000,
  };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function tokenError(cause?: unknown): AppError {
  return new AppError('unauthenticated', 'the access token is not good', { reason: 'token_invalid', cause });
}
