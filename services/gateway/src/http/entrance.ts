import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, isAppError } from '@andvari/kit/base/errors';
import { type Authenticate, type Credential, credentialFrom } from '../identity/authenticate.ts';
import { cookieFrom, REFRESH_COOKIE } from '../identity/cookies.ts';
import { anonymous, type Viewer } from '../identity/viewer.ts';
import { type RateLimits, unitsOf } from '../limits/rate-limits.ts';
import type { LimitState } from '../limits/token-buckets.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { requireCsrfHeader, requireOwnPage } from './csrf.ts';
import type { RequestOrigin } from './request-origin.ts';

/** How a request may have been made by a browser: as a page's action, or by opening a stream, which cannot set headers. */
export type Manner = 'action' | 'reading';

export interface Entrance {
  /** Who comes in, if they may: not lured here by another page, with a good credential, and not too often. */
  admit(
    request: IncomingMessage,
    response: ServerResponse | undefined,
    requestOrigin: RequestOrigin,
    manner: Manner,
  ): Promise<Viewer>;
  /** Who shows this credential, when it comes in another way than by headers. */
  identify(credential: Credential, requestOrigin: RequestOrigin): Promise<Viewer>;
  /** Counts one more request of somebody who is in already. */
  count(viewer: Viewer, requestOrigin: RequestOrigin): Promise<void>;
  /** Takes for what a request turned out to be worth: one of much work counts as many. */
  charge(viewer: Viewer, requestOrigin: RequestOrigin, work: number): void;
}

export function createEntrance(parts: {
  authenticate: Authenticate;
  limits: RateLimits;
  allowedOrigins: ReadonlySet<string>;
  metrics: GatewayMetrics;
}): Entrance {
  const { authenticate, limits, allowedOrigins, metrics } = parts;

  const identified = async (
    credential: Credential,
    requestOrigin: RequestOrigin,
    response: ServerResponse | undefined,
  ): Promise<Viewer> => {
    try {
      const viewer = authenticate(credential);
      return viewer instanceof Promise ? await viewer : viewer;
    } catch (error) {
      if (!isAppError(error, 'unauthenticated')) throw error;
      metrics.authFailures.inc({ reason: error.reason });
      allow(await limits.badCredential(requestOrigin.addressGroup), response);
      throw error;
    }
  };

  return {
    identify: (credential, requestOrigin) => identified(credential, requestOrigin, undefined),
    async count(viewer, { addressGroup }) {
      allow(await limits.request(viewer, addressGroup), undefined);
    },
    charge(viewer, { addressGroup }, work) {
      const more = unitsOf(work) - 1;
      if (more > 0) limits.charge(viewer, addressGroup, more);
    },
    async admit({ headers }, response, requestOrigin, manner) {
      const credential = credentialFrom(headers);
      if (credential.kind === 'token' && credential.isCookie) {
        requireOwnPage(headers, allowedOrigins);
        if (manner === 'action') requireCsrfHeader(headers);
      }
      if (credential.kind === 'none' && cookieFrom(headers.cookie, REFRESH_COOKIE) === undefined) {
        // So that the page of a stranger need not ask for a refresh to be refused one.
        response?.setHeader('x-andvari-session', 'none');
      }
      const viewer = credential.kind === 'none' ? anonymous : await identified(credential, requestOrigin, response);
      allow(await limits.request(viewer, requestOrigin.addressGroup), response);
      return viewer;
    },
  };
}

/** Shows what is left, where it was counted, and refuses where nothing is. */
function allow(taken: LimitState | undefined, response: ServerResponse | undefined): void {
  if (taken !== undefined && response !== undefined) showLimit(response, taken);
  if (taken?.allowed === false) throw tooMany(taken);
}

/** A limit that was reached, with the time after which it may be tried again. */
export function tooMany({ resetMs }: LimitState): AppError {
  return new AppError('resource_exhausted', 'too many requests', {
    reason: 'rate_limited',
    numbers: { retry_after_ms: BigInt(Math.ceil(resetMs)) },
  });
}

export function showLimit(response: ServerResponse, { limit, remaining, resetMs }: LimitState): void {
  response.setHeader('x-ratelimit-limit', limit);
  response.setHeader('x-ratelimit-remaining', remaining);
  response.setHeader('x-ratelimit-reset', Math.ceil(resetMs / 1000));
}
