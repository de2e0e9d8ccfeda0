import { isAppError } from '@andvari/kit/base/errors';
import type { Log } from '@andvari/kit/observe/log';
import { logTrouble } from '@andvari/kit/observe/log-trouble';
import type { ListPermissionsResponse } from '@andvari/proto/security/v1/security';
import { ExpiringCache } from './expiring-cache.ts';
import { type Rights, rightsOf } from './viewer.ts';

export interface Permissions {
  /** `rolesVersion` is what the caller has heard of: an older answer is not good enough. */
  of(userId: string, rolesVersion: bigint): Rights | Promise<Rights>;
  /** The user's roles have changed: nothing known of them is true any more. */
  forget(userId: string): void;
  /** News may have been missed: everything known is asked for again, and used on only if nobody answers. */
  doubtAll(): void;
}

interface Known {
  readonly rights: Extract<Rights, { known: true }>;
  freshUntilMs: number;
  readonly staleUntilMs: number;
}

const REMEMBERED = 50_000;

/**
 * What security says a user may do, kept for a while. When security is away, an answer that was not contradicted serves
 * on for a bounded time; after that nothing is allowed, because nothing is known.
 */
export function createPermissions(options: {
  ask: (request: { userId: string }) => Promise<ListPermissionsResponse>;
  freshMs: number;
  staleMs: number;
  log: Log;
  now?: () => number;
}): Permissions {
  const { ask, freshMs, staleMs, log, now = Date.now } = options;
  const answers = new ExpiringCache<Known>(REMEMBERED, now);
  const asking = new Map<string, Promise<Rights>>();
  const silence = logTrouble(log, {
    event: 'permissions_unavailable',
    message: 'security could not be asked for permissions',
  });

  const askOnce = async (userId: string, fallback: Known | undefined): Promise<Rights> => {
    const isContradicted = (): boolean => asking.get(userId) !== mine;
    const mine = (async (): Promise<Rights> => {
      try {
        const answer = await ask({ userId });
        silence.recovered();
        const known = knownFrom(answer);
        if (!isContradicted()) answers.set(userId, known, known.staleUntilMs);
        return known.rights;
      } catch (error) {
        if (!isAppError(error, 'unavailable') && !isAppError(error, 'resource_exhausted')) throw error;
        silence.failed(error);
        if (fallback === undefined || isContradicted()) return { known: false };
        // The next one asks again soon, not each one.
        fallback.freshUntilMs = now() + Math.min(freshMs, RETRY_MS);
        return fallback.rights;
      } finally {
        if (!isContradicted()) asking.delete(userId);
      }
    })();
    asking.set(userId, mine);
    return mine;
  };

  const knownFrom = ({ permissions, rolesVersion, validUntilUs }: ListPermissionsResponse): Known => {
    const endsMs = validUntilUs === 0n ? Number.POSITIVE_INFINITY : Number(validUntilUs / 1000n);
    return {
      rights: rightsOf(permissions, rolesVersion),
      freshUntilMs: Math.min(now() + freshMs, endsMs),
      // A grant that has run out is over, whoever can be asked.
      staleUntilMs: Math.min(now() + freshMs + staleMs, endsMs),
    };
  };

  return {
    of(userId, rolesVersion) {
      const known = answers.get(userId);
      const isRecent = known !== undefined && known.rights.rolesVersion >= rolesVersion;
      if (isRecent && known.freshUntilMs > now()) return known.rights;
      return asking.get(userId) ?? askOnce(userId, isRecent ? known : undefined);
    },
    forget(userId) {
      answers.deleteWhere((key) => key === userId);
      asking.delete(userId);
    },
    doubtAll() {
      answers.deleteWhere((_, known) => {
        known.freshUntilMs = 0;
        return false;
      });
    },
  };
}

const RETRY_MS = 1000;
