import { CircuitBreaker } from '@andvari/kit/base/circuit-breaker';
import { AppError } from '@andvari/kit/base/errors';
import type { Log } from '@andvari/kit/observe/log';
import { logTrouble } from '@andvari/kit/observe/log-trouble';
import type { Viewer } from '../identity/viewer.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { optimisticLimiter } from './optimistic-limiter.ts';
import type { Bucket, DrawTokens, LimitState, TakeTokens } from './token-buckets.ts';

export interface LimitSettings {
  perUser: number;
  perApiKey: number;
  perAddress: number;
  loginsPerAddress: number;
}

/** Fields visited, compared or returned that count as one request: a small one is one, one that is all it may be is dozens. */
const WORK_OF_ONE = 100;

export function unitsOf(work: number): number {
  return Math.max(1, Math.ceil(work / WORK_OF_ONE));
}

export interface RateLimits {
  /** For what a viewer asks. Lets everybody pass while Redis is away: reading is not worth refusing for that. */
  request(viewer: Viewer, addressGroup: string): Promise<LimitState | undefined>;
  /** Takes for a request that was let in already and turned out to be worth more than one; a bucket may be in debt for it. */
  charge(viewer: Viewer, addressGroup: string, units: number): void;
  /** For signing in and the like. Refuses while Redis is away: nobody guesses passwords uncounted. */
  login(addressGroup: string): Promise<LimitState>;
  /** For credentials that were not good, counted like sign-ins but more generously. */
  badCredential(addressGroup: string): Promise<LimitState | undefined>;
}

export function createRateLimits(parts: {
  draw: DrawTokens;
  settings: LimitSettings;
  metrics: GatewayMetrics;
  log: Log;
}): RateLimits {
  const { draw, settings, metrics, log } = parts;
  /** Sign-ins are never let through unasked: what is guessed has to be counted first. */
  const exactly: TakeTokens = (buckets) => draw({ buckets, spent: 0, wanted: 1 });
  const ahead = optimisticLimiter(draw);
  // A Redis that hangs costs half a second a try: after a few, it is left alone for a while.
  const breaker = new CircuitBreaker({ failures: 3, openMs: 500, maxOpenMs: 2000 });
  const silence = logTrouble(log, {
    event: 'rate_limits_unavailable',
    message: 'requests are not being counted: Redis does not answer',
  });

  const taken = async (limit: string, take: TakeTokens, buckets: Bucket[]): Promise<LimitState | undefined> => {
    if (!breaker.admits()) return undefined;
    try {
      const outcome = await take(buckets);
      breaker.succeeded();
      silence.recovered();
      if (!outcome.allowed) metrics.refusals.inc({ limit });
      return outcome;
    } catch (error) {
      breaker.failed();
      if (breaker.isOpen) silence.failed(error);
      return undefined;
    }
  };

  const perAddress = (group: string): Bucket => bucket(`address:${group}`, settings.perAddress);
  return {
    request: (viewer, group) => taken('request', ahead.take, [perAddress(group), ...bucketsOf(viewer, settings)]),
    charge(viewer, group, units) {
      if (breaker.isOpen) return;
      ahead.charge([perAddress(group), ...bucketsOf(viewer, settings)], units);
    },
    async login(group) {
      const { loginsPerAddress } = settings;
      const outcome = await taken('login', exactly, [
        { key: `login:${group}`, capacity: loginsPerAddress, perMinute: loginsPerAddress },
      ]);
      if (outcome !== undefined) return outcome;
      metrics.refusals.inc({ limit: 'login_uncounted' });
      // It is not the caller who does too much.
      throw new AppError('unavailable', 'sign-ins cannot be counted', {
        reason: 'login_uncounted',
        numbers: { retry_after_ms: UNCOUNTED_RETRY_MS },
      });
    },
    badCredential: (group) =>
      taken('bad_credential', exactly, [
        bucket(`bad:${group}`, Math.ceil(settings.loginsPerAddress * BAD_CREDENTIAL_FACTOR)),
      ]),
  };
}

const UNCOUNTED_RETRY_MS = 5000n;
/** A page whose session has ended sends a handful of requests before it knows. */
const BAD_CREDENTIAL_FACTOR = 10;

function bucketsOf(viewer: Viewer, settings: LimitSettings): Bucket[] {
  switch (viewer.kind) {
    case 'anonymous':
      return [];
    case 'session':
      return [bucket(`user:${viewer.userId}`, settings.perUser)];
    case 'api_key':
      // A key has a limit of its own within its owner's: many keys are not many owners.
      return [
        bucket(`user:${viewer.userId}`, settings.perUser),
        bucket(`api_key:${viewer.apiKeyId}`, settings.perApiKey),
      ];
  }
}

/** A tenth of a minute's worth at once. */
function bucket(key: string, perMinute: number): Bucket {
  return { key, capacity: Math.max(1, Math.ceil(perMinute / 10)), perMinute };
}
