import type { Metrics } from '@andvari/kit/observe/metrics';

export type AuthMetrics = ReturnType<typeof authMetrics>;

export function authMetrics(metrics: Metrics) {
  return {
    logins: metrics.counter('auth_logins_total', 'Attempts to sign in, by outcome', ['outcome']),
    refreshes: metrics.counter('auth_refreshes_total', 'Refresh tokens presented, by outcome', ['outcome']),
    apiKeyChecks: metrics.counter('auth_api_key_checks_total', 'API keys presented, by outcome', ['outcome']),
    revocations: metrics.counter('auth_sessions_revoked_total', 'Sessions ended before their time, by reason', [
      'reason',
    ]),
    hashSeconds: metrics.histogram('auth_password_hash_seconds', 'Time to hash or check one password, without waiting'),
    watchQueue(waiting: () => number) {
      metrics.gauge('auth_password_queue', 'Passwords that wait to be hashed', [], (gauge) => gauge.set(waiting()));
    },
  };
}
