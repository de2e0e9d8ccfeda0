import { fromZero } from '@andvari/kit/observe/from-zero';
import type { Metrics } from '@andvari/kit/observe/metrics';

/** Every counter and histogram of the gateway itself; its calls to services are measured by the kit. */
export type GatewayMetrics = ReturnType<typeof gatewayMetrics>;

export function gatewayMetrics(metrics: Metrics) {
  return {
    /** The operation is one of the persisted ones or `other`: names that anybody may invent are no labels. */
    operations: metrics.latency('graphql_operation_duration_seconds', 'GraphQL operations, by name and outcome', [
      'operation',
      'kind',
      'outcome',
    ]),
    routes: metrics.histogram('http_route_duration_seconds', 'Requests that are not GraphQL, by route and status', [
      'route',
      'status',
    ]),
    refusals: fromZero(
      metrics.counter('requests_refused_total', 'Requests refused by a limit', ['limit']),
      ['request', 'login', 'login_uncounted', 'bad_credential', 'connections', 'event_loop'].map((limit) => ({
        limit,
      })),
    ),
    authFailures: metrics.counter('auth_failures_total', 'Credentials that were not good, by reason', ['reason']),
    subscriptions: openSubscriptions(metrics),
    readers: (count: () => number) =>
      metrics.gauge('subscription_readers', 'Subscriptions that wait for events', [], (gauge) => gauge.set(count())),
    missed: metrics.counter('subscription_missed_total', 'Events that slow readers were told they had missed'),
  };
}

function openSubscriptions(metrics: Metrics): ReturnType<typeof metrics.gauge<'transport'>> {
  const open = metrics.gauge('subscriptions', 'Event streams that are open', ['transport']);
  for (const transport of ['sse', 'websocket']) open.set({ transport }, 0);
  return open;
}

/** Counts nothing, for a benchmark that wants to know what counting costs. */
export const noMetrics: Metrics = {
  counter: () => silent as never,
  gauge: () => silent as never,
  histogram: () => silent as never,
  latency: () => silent,
  scrape: async () => ({ contentType: 'text/plain', body: '' }),
};

function nothing(): void {}
const silent = { inc: nothing, dec: nothing, set: nothing, observe: nothing };
