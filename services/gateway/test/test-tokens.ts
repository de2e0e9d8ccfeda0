import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** Signs access tokens as auth does, with keys of the test's own. */
export interface TestTokens {
  sign(claims: {
    sub: string;
    sid?: string;
    rv?: number;
    iat?: number;
    exp?: number;
    iss?: string;
    aud?: string;
    authTime?: number;
  }): Promise<string>;
  jwks(): string;
  /** A new signing key; the ones before stay in the key set. */
  rotate(): Promise<void>;
}

export async function testTokens(): Promise<TestTokens> {
  const published: JWK[] = [];
  let current: { kid: string; privateKey: CryptoKey };

  const rotate = async (): Promise<void> => {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
    const kid = randomUUID();
    published.push({ ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' });
    current = { kid, privateKey };
  };
  await rotate();

  return {
    rotate,
    jwks: () => JSON.stringify({ keys: published }),
    async sign({ sub, sid = randomUUID(), rv = 1, iat, exp, iss = 'andvari', aud = 'andvari-api', authTime }) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ sid, rv, auth_time: authTime ?? iat ?? now })
        .setProtectedHeader({ alg: 'EdDSA', kid: current.kid, typ: 'JWT' })
        .setSubject(sub)
        .setIssuer(iss)
        .setAudience(aud)
        .setIssuedAt(iat ?? now)
        .setExpirationTime(exp ?? now + 300)
        .sign(current.privateKey);
    },
  };
}
