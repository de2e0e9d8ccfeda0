import { type CryptoKey, type JWK, SignJWT } from 'jose';
import { ACCESS_TOKEN_US } from '../domain/policy.ts';
import type { Session } from '../domain/session.ts';

export const ISSUER = 'andvari';
export const AUDIENCE = 'andvari-api';
export const ALGORITHM = 'EdDSA';

/** A signing key as it is held in memory. */
export interface SigningKey {
  readonly keyId: string;
  readonly activeFromUs: bigint;
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
}

export interface AccessToken {
  readonly token: string;
  readonly expiresAtUs: bigint;
}

/** Good for five minutes, and never longer than the session it speaks for. */
export async function signAccessToken(
  key: SigningKey,
  session: Session,
  rolesVersion: bigint,
  atUs: bigint,
): Promise<AccessToken> {
  const latestUs = atUs + ACCESS_TOKEN_US;
  const expiresAtUs = latestUs < session.expiresAtUs ? latestUs : session.expiresAtUs;
  const token = await new SignJWT({
    sid: session.sessionId,
    rv: Number(rolesVersion),
    auth_time: seconds(session.authenticatedAtUs),
  })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.keyId, typ: 'JWT' })
    .setSubject(session.userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(seconds(atUs))
    .setExpirationTime(seconds(expiresAtUs))
    .sign(key.privateKey);
  return { token, expiresAtUs };
}

function seconds(us: bigint): number {
  return Number(us / 1_000_000n);
}
