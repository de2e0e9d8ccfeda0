import type { IncomingMessage, ServerResponse } from 'node:http';
import { withContext } from '@andvari/kit/base/context';
import { AppError, invalid } from '@andvari/kit/base/errors';
import type { Tokens } from '@andvari/proto/auth/v1/auth';
import { z } from 'zod';
import type { Clients } from '../clients.ts';
import { type Authenticate, credentialFrom } from '../identity/authenticate.ts';
import { accessCookie, clearCookies, cookieFrom, REFRESH_COOKIE, setCookies } from '../identity/cookies.ts';
import { factorProof } from '../identity/factor-proof.ts';
import { anonymous, type SignedIn, type Viewer } from '../identity/viewer.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { json } from './answers.ts';
import { requireCsrfHeader, requireOwnPage } from './csrf.ts';
import { showLimit, tooMany } from './entrance.ts';
import { readJsonObject } from './read-body.ts';
import { RequestContext, type RequestOrigin } from './request-origin.ts';

export interface AuthParts {
  auth: Clients['auth'];
  authenticate: Authenticate;
  limits: RateLimits;
  allowedOrigins: ReadonlySet<string>;
  timeoutMs: number;
}

interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  requestOrigin: RequestOrigin;
  client: { address: string; userAgent: string };
}

/**
 * Signing in and out for browsers: thin REST whose answers are cookies. Tokens are in no body, so a script that gets
 * in somehow has nothing to carry away. All of it counts against the address, because all of it is about guessing.
 */
export function createAuthRoutes({ auth, authenticate, limits, allowedOrigins, timeoutMs }: AuthParts) {
  const as = <T>({ requestOrigin }: Visit, viewer: Viewer, work: () => Promise<T>): Promise<T> =>
    withContext(new RequestContext(requestOrigin, viewer, Date.now() + timeoutMs), work);

  const refreshed = async (visit: Visit): Promise<Tokens> => {
    const refreshToken = cookieFrom(visit.request.headers.cookie, REFRESH_COOKIE);
    if (refreshToken === undefined) throw notSignedIn();
    const { tokens } = await as(visit, anonymous, () => auth.refresh({ refreshToken, client: visit.client }));
    if (tokens === undefined) throw new Error('auth refreshed without tokens');
    return tokens;
  };

  /** Whoever signs out may come with an access token that has just run out; the refresh token speaks for them then. */
  const leaving = async (visit: Visit): Promise<SignedIn> => {
    try {
      return requireSession(
        await as(visit, anonymous, async () => authenticate(credentialFrom(visit.request.headers))),
      );
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error;
      const { accessToken } = await refreshed(visit);
      const credential = { kind: 'token', token: accessToken, isCookie: true } as const;
      return requireSession(await as(visit, anonymous, async () => authenticate(credential)));
    }
  };

  const routes: Record<string, (visit: Visit) => Promise<void>> = {
    '/auth/register': async (visit) => {
      const { email, password, givenName, familyName, locale } = await read(visit, registration);
      const person = { email, password, givenName, familyName, locale };
      const { tokens } = await as(visit, anonymous, () => auth.register({ ...person, client: visit.client }));
      if (tokens !== undefined) visit.response.setHeader('set-cookie', setCookies(tokens, Date.now()));
      // The same answer whether the address was free or not.
      json(visit.response, 202, {});
    },
    '/auth/login': async (visit) => {
      const given = await read(visit, login);
      const { tokens, factorChallenge } = await as(visit, anonymous, () =>
        auth.login({ ...given, client: visit.client }),
      );
      if (factorChallenge === undefined) return signIn(visit, tokens);
      // No cookie: nobody is in yet. The challenge is worth nothing without a code.
      const { token, expiresAtUs } = factorChallenge;
      json(visit.response, 200, { secondFactor: { challenge: token, expiresAt: isoFrom(expiresAtUs) } });
    },
    '/auth/second-factor': async (visit) => {
      const { challenge, ...shown } = await read(visit, secondFactor);
      const proof = factorProof(shown);
      const { tokens } = await as(visit, anonymous, () =>
        auth.completeLogin({ challenge, proof, client: visit.client }),
      );
      signIn(visit, tokens);
    },
    '/auth/refresh': async (visit) => {
      try {
        signIn(visit, await refreshed(visit));
      } catch (error) {
        // Who brought none keeps what a sign-in beside this question may have brought since.
        const { cookie } = visit.request.headers;
        const isStale = error instanceof AppError && error.code === 'unauthenticated';
        if (isStale && cookieFrom(cookie, REFRESH_COOKIE) !== undefined) {
          visit.response.setHeader('set-cookie', clearCookies());
        }
        throw error;
      }
    },
    '/auth/logout': async (visit) => {
      const viewer = await leaving(visit);
      const { userId, sessionId } = viewer;
      await as(visit, viewer, () => auth.logout({ userId, sessionId }));
      visit.response.setHeader('set-cookie', clearCookies());
      json(visit.response, 200, {});
    },
    '/auth/logout-all': async (visit) => {
      const viewer = await leaving(visit);
      const { userId } = viewer;
      const { revoked } = await as(visit, viewer, () => auth.logoutAll({ userId, exceptSessionId: '' }));
      visit.response.setHeader('set-cookie', clearCookies());
      json(visit.response, 200, { revokedSessions: revoked });
    },
    '/auth/confirm': async (visit) => {
      const { password } = await read(visit, z.strictObject({ password: text(1024) }));
      const viewer = requireSession(
        await as(visit, anonymous, async () => authenticate(credentialFrom(visit.request.headers))),
      );
      const { userId, sessionId } = viewer;
      const confirmed = await as(visit, viewer, () => auth.confirmPassword({ userId, sessionId, password }));
      visit.response.setHeader('set-cookie', accessCookie(confirmed, Date.now()));
      json(visit.response, 200, { accessExpiresAt: isoFrom(confirmed.accessExpiresAtUs) });
    },
    '/auth/verify-email': async (visit) => {
      const { token } = await read(visit, z.strictObject({ token: text(512) }));
      await as(visit, anonymous, () => auth.verifyEmail({ token }));
      json(visit.response, 200, {});
    },
    '/auth/request-password-reset': async (visit) => {
      const { email } = await read(visit, z.strictObject({ email: text(320) }));
      await as(visit, anonymous, () => auth.requestPasswordReset({ email, client: visit.client }));
      json(visit.response, 202, {});
    },
    '/auth/reset-password': async (visit) => {
      const { token, newPassword } = await read(visit, z.strictObject({ token: text(512), newPassword: text(1024) }));
      await as(visit, anonymous, () => auth.resetPassword({ token, newPassword, client: visit.client }));
      json(visit.response, 200, {});
    },
  };

  return Object.fromEntries(
    Object.entries(routes).map(([path, route]) => [
      path,
      async (request: IncomingMessage, response: ServerResponse, requestOrigin: RequestOrigin): Promise<void> => {
        requireOwnPage(request.headers, allowedOrigins);
        requireCsrfHeader(request.headers);
        const taken = freely.has(path)
          ? await limits.request(anonymous, requestOrigin.addressGroup)
          : await limits.login(requestOrigin.addressGroup);
        if (taken !== undefined) showLimit(response, taken);
        if (taken?.allowed === false) throw tooMany(taken);
        response.setHeader('cache-control', 'no-store');
        const { address, userAgent } = requestOrigin;
        await route({ request, response, requestOrigin, client: { address, userAgent } });
      },
    ]),
  );
}

/** What everybody who is signed in does all day, and what has to work always: leaving. */
const freely = new Set(['/auth/refresh', '/auth/logout', '/auth/logout-all']);

const text = (max: number) => z.string().min(1).max(max);
const login = z.strictObject({ email: text(320), password: text(1024) });
const secondFactor = z
  .strictObject({ challenge: text(512), code: text(40).optional(), recoveryCode: text(40).optional() })
  .refine((given) => factorProof(given) !== undefined, { path: ['code'] });
const registration = z.strictObject({
  email: text(320),
  password: text(1024),
  givenName: z.string().max(200).default(''),
  familyName: z.string().max(200).default(''),
  locale: z.string().max(40).default(''),
});

/** Names the field that is wrong and never what was in it. */
async function read<T>({ request }: Visit, shape: z.ZodType<T>): Promise<T> {
  const parsed = shape.safeParse(await readJsonObject(request));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') throw invalid(issue.keys[0] ?? 'body', 'is not known here');
  const field = issue?.path.join('.') ?? '';
  throw invalid(field === '' ? 'body' : field, 'is missing or not as it should be');
}

function signIn({ response }: Visit, tokens: Tokens | undefined): void {
  if (tokens === undefined) throw new Error('auth let somebody in without tokens');
  response.setHeader('set-cookie', setCookies(tokens, Date.now()));
  json(response, 200, { userId: tokens.userId, accessExpiresAt: isoFrom(tokens.accessExpiresAtUs) });
}

function requireSession(viewer: Viewer): SignedIn {
  if (viewer.kind !== 'session') throw notSignedIn();
  return viewer;
}

function notSignedIn(): AppError {
  return new AppError('unauthenticated', 'sign in first', { reason: 'not_signed_in' });
}

function isoFrom(us: bigint): string {
  return new Date(Number(us / 1000n)).toISOString();
}
