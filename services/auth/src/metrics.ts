import { fromZero } from '@andvari/kit/observe/from-zero';
import type { Metrics } from '@andvari/kit/observe/metrics';
import { within } from '@andvari/kit/process/scope';

/** A scrape waits no longer for the database. */
const PATIENCE_MS = 500;

export type AuthMetrics = ReturnType<typeof authMetrics>;

export function authMetrics(metrics: Metrics) {
  return {
    logins: fromZero(
      metrics.counter('auth_logins_total', 'Attempts to sign in, by outcome', ['outcome']),
      ['succeeded', 'failed', 'not_verified', 'locked', 'queue_full'].map((outcome) => ({ outcome })),
    ),
    factorChecks: fromZero(
      metrics.counter('auth_factor_checks_total', 'Second factors asked for and shown, by outcome', ['outcome']),
      ['asked', 'accepted', 'recovery_used', 'wrong', 'locked'].map((outcome) => ({ outcome })),
    ),
    refreshes: metrics.counter('auth_refreshes_total', 'Refresh tokens presented, by outcome', ['outcome']),
    apiKeyChecks: metrics.counter('auth_api_key_checks_total', 'API keys presented, by outcome', ['outcome']),
    revocations: metrics.counter('auth_sessions_revoked_total', 'Sessions ended before their time, by reason', [
      'reason',
    ]),
    hashSeconds: metrics.histogram('auth_password_hash_seconds', 'Time to hash or check one password, without waiting'),
    /** Asked of the database when Prometheus asks; not a number while that is away. */
    watchSessions(count: () => Promise<number>) {
      metrics.gauge('auth_sessions_open', 'Sessions that have not ended', [], async (gauge) => {
        gauge.set(await within(count(), PATIENCE_MS).catch(() => Number.NaN));
      });
    },
    watchQueue(waiting: () => number) {
      metrics.gauge('auth_password_queue', 'Passwords that wait to be hashed', [], (gauge) => gauge.set(waiting()));
    },
  };
}
