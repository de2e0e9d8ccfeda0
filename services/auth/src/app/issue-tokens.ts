import type { Session } from '../domain/session.ts';
import { type SigningKey, signAccessToken } from '../ports/access-tokens.ts';

export interface IssuedTokens {
  readonly accessToken: string;
  readonly accessExpiresAtUs: bigint;
  readonly refreshToken: string;
  readonly refreshExpiresAtUs: bigint;
  readonly sessionId: string;
  readonly userId: string;
}

/** What a signed-in client gets, now that the session is committed. */
export async function issueTokens(
  key: SigningKey,
  { session, rolesVersion, refreshToken }: { session: Session; rolesVersion: bigint; refreshToken: string },
  atUs: bigint,
): Promise<IssuedTokens> {
  const access = await signAccessToken(key, session, rolesVersion, atUs);
  return {
    accessToken: access.token,
    accessExpiresAtUs: access.expiresAtUs,
    refreshToken,
    refreshExpiresAtUs: session.endsAtUs,
    sessionId: session.sessionId,
    userId: session.userId,
  };
}
