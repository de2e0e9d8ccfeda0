import { subjectFilter } from '@andvari/kit/events/subject-filter';
import type { Nats } from '@andvari/kit/nats/nats';
import { readStream } from '@andvari/kit/nats/read-stream';
import { subscribeLive } from '@andvari/kit/nats/subscribe-live';
import type { Scope } from '@andvari/kit/process/scope';
import { untilAnswered } from '@andvari/kit/process/until-answered';
import type { Redis } from '@andvari/kit/redis/redis';
import { apiKeyRevoked, rolesChanged, sessionRevoked } from '@andvari/proto/events';
import { DenySet } from './deny-set.ts';

/** The longest that an access token is good for, and a little for clocks that differ. */
const TOKEN_LIFETIME_MS = 330_000;
const MAX_DENIED = 100_000;
const REDIS_KEY = 'gateway:revoked_sessions';

export interface Revocations {
  isRevoked(sessionId: string, tokenIssuedAtMs: number): boolean;
  readonly size: number;
}

export interface RevocationParts {
  nats: Nats;
  redis: Redis;
  onSessionRevoked: (sessionId: string) => void;
  onApiKeyRevoked: (apiKeyId: string) => void;
  onRolesChanged: (userId: string) => void;
  /** News may have been missed. */
  onGap: () => void;
}

/**
 * Hears within moments of every session, key and role that was taken away. What happened before this gateway listened
 * it learns from the stream and from Redis; the same after every interruption of the connection.
 */
export async function watchRevocations(scope: Scope, parts: RevocationParts): Promise<Revocations> {
  const { nats, redis } = parts;
  const denied = new DenySet(MAX_DENIED);

  const deny = (sessionId: string, untilMs: number): void => {
    denied.add(sessionId, untilMs);
    parts.onSessionRevoked(sessionId);
  };
  const heard = (payload: Uint8Array, atMs: number): { sessionId: string; untilMs: number } => {
    const { sessionId } = sessionRevoked.codec.decode(payload);
    const untilMs = atMs + TOKEN_LIFETIME_MS;
    deny(sessionId, untilMs);
    return { sessionId, untilMs };
  };

  subscribeLive(scope, nats, subjectFilter(sessionRevoked), ({ payload }) => {
    const { sessionId, untilMs } = heard(payload, Date.now());
    // Best effort: the stream knows it as well.
    redis.zadd(REDIS_KEY, untilMs, sessionId).catch(() => undefined);
    redis.zremrangebyscore(REDIS_KEY, 0, Date.now()).catch(() => undefined);
  });
  subscribeLive(scope, nats, subjectFilter(apiKeyRevoked), ({ payload }) =>
    parts.onApiKeyRevoked(apiKeyRevoked.codec.decode(payload).apiKeyId),
  );
  subscribeLive(scope, nats, subjectFilter(rolesChanged), ({ payload }) =>
    parts.onRolesChanged(rolesChanged.codec.decode(payload).userId),
  );

  const catchUp = async (): Promise<void> => {
    parts.onGap();
    // Best effort: the stream knows all of it, Redis is quicker to ask and outlives a stream that was made anew.
    await fromRedis(redis, deny).catch((error: unknown) =>
      scope.log.warn({ event: 'past_revocations_unread', err: error }, 'Redis could not be asked for past revocations'),
    );
    // A gateway that does not know who is out lets nobody in.
    await untilAnswered(scope, 'past revocations', async () => {
      const since = new Date(Date.now() - TOKEN_LIFETIME_MS);
      const past = { stream: 'AUTH', subject: subjectFilter(sessionRevoked), since };
      for await (const { payload, atUs } of readStream(nats, past, scope.signal)) heard(payload, atUs / 1000);
    });
  };

  await catchUp();
  void afterEachReconnection(scope, nats, catchUp);
  return {
    isRevoked: (sessionId, tokenIssuedAtMs) => denied.has(sessionId, tokenIssuedAtMs),
    get size() {
      return denied.size;
    },
  };
}

async function fromRedis(redis: Redis, deny: (sessionId: string, untilMs: number) => void): Promise<void> {
  const entries = await redis.zrangebyscore(REDIS_KEY, Date.now(), '+inf', 'WITHSCORES');
  for (let at = 0; at < entries.length; at += 2) deny(entries[at] ?? '', Number(entries[at + 1]));
}

async function afterEachReconnection(scope: Scope, nats: Nats, work: () => Promise<void>): Promise<void> {
  while (!scope.signal.aborted) {
    const session = nats.session();
    if (!session.aborted) {
      await new Promise<void>((resolve) => {
        session.addEventListener('abort', () => resolve(), { once: true });
        scope.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    try {
      await nats.connected(scope.signal);
      await work();
    } catch {
      return;
    }
  }
}
