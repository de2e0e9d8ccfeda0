import { Redis } from 'ioredis';
import { backoffMs } from '../base/backoff.ts';
import type { Secret } from '../base/config.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Health } from '../process/health.ts';
import type { Scope } from '../process/scope.ts';
import { untilAnswered } from '../process/until-answered.ts';

export type { Redis } from 'ioredis';

/**
 * A connection that pipelines by itself; waits for the server at the start. Redis holds nothing that cannot be lost:
 * commands fail at once while it is away, and whoever asks decides whether that opens or closes the gate.
 */
export async function openRedis(
  scope: Scope,
  options: { url: Secret; service: string; health?: Health; metrics?: Metrics },
): Promise<Redis> {
  const redis = new Redis(options.url.reveal(), {
    connectionName: options.service,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    commandTimeout: 500,
    connectTimeout: 2000,
    retryStrategy: (attempt) => backoffMs(attempt, { firstMs: 100, maxMs: 1500 }),
  });
  let reachable = true;
  const lost = (error?: Error): void => {
    if (reachable && !scope.signal.aborted)
      scope.log.warn({ event: 'redis_lost', err: error }, 'Redis does not answer; going on without it');
    reachable = false;
  };
  // A server that ends in good order makes no error, it only closes.
  redis.on('error', lost);
  redis.on('close', lost);
  redis.on('ready', () => {
    if (!reachable) scope.log.info({ event: 'redis_back' }, 'Redis answers again');
    reachable = true;
  });
  scope.defer('redis', () => redis.disconnect());
  options.health?.check('redis', () => redis.ping());
  // Asked at each scrape: one that hangs keeps its connections.
  options.metrics?.gauge('redis_connected', 'Whether Redis answers', [], async (gauge) => {
    gauge.set(
      await redis.ping().then(
        () => 1,
        () => 0,
      ),
    );
  });
  // Commands do not wait for a connection, so the first one has to; later ones are made by themselves.
  await redis.connect().catch(() => undefined);
  await untilAnswered(scope, 'Redis', () => redis.ping());
  return redis;
}
