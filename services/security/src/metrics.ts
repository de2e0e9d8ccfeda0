import type { Metrics } from '@andvari/kit/observe/metrics';

export type SecurityMetrics = ReturnType<typeof securityMetrics>;

export function securityMetrics(metrics: Metrics) {
  return {
    checks: metrics.counter('security_permission_checks_total', 'Permissions asked for', ['allowed']),
    verifications: metrics.counter('security_audit_verifications_total', 'Audit trails verified', ['problem']),
  };
}
