/**
 * The browser holds its tokens in cookies that no script can read. The `__Host-` prefix keeps other hosts from setting
 * them and demands Path=/, so the refresh token comes along with every request; it is read by /auth/* only.
 */
export const ACCESS_COOKIE = '__Host-andvari_access';
export const REFRESH_COOKIE = '__Host-andvari_refresh';

export function cookieFrom(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) {
      const value = part.slice(equals + 1).trim();
      return value === '' ? undefined : value;
    }
  }
  return undefined;
}

export interface TokenCookies {
  accessToken: string;
  accessExpiresAtUs: bigint;
  refreshToken: string;
  refreshExpiresAtUs: bigint;
}

export function setCookies(tokens: TokenCookies, nowMs: number): string[] {
  return [
    accessCookie(tokens, nowMs),
    cookie(REFRESH_COOKIE, tokens.refreshToken, secondsUntil(tokens.refreshExpiresAtUs, nowMs)),
  ];
}

/** A new access token where the refresh token stays as it is. */
export function accessCookie(
  { accessToken, accessExpiresAtUs }: Pick<TokenCookies, 'accessToken' | 'accessExpiresAtUs'>,
  nowMs: number,
): string {
  return cookie(ACCESS_COOKIE, accessToken, secondsUntil(accessExpiresAtUs, nowMs));
}

export function clearCookies(): string[] {
  return [cookie(ACCESS_COOKIE, '', 0), cookie(REFRESH_COOKIE, '', 0)];
}

function cookie(name: string, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; Secure; SameSite=Lax`;
}

function secondsUntil(us: bigint, nowMs: number): number {
  return Math.max(0, Math.floor(Number(us / 1000n) - nowMs) / 1000) | 0;
}
