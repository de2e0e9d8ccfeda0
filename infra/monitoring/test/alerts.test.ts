import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '@andvari/get/find-tool';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { alerts } from '../src/alerts.ts';
import { alertName, rulesFile } from '../src/rules.ts';
import { burnRates, slos } from '../src/slos.ts';

const promtool = findTool('promtool');
const folder = mkdtempSync(join(tmpdir(), 'andvari-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Series as promtool reads them, and when the alert is asked. `fires` and `silent` differ in what is wrong alone. */
interface Example {
  at: string;
  fires: Record<string, string>;
  silent: Record<string, string>;
}

const examples: Record<string, Example> = {
  LedgerDrift: {
    at: '5m',
    fires: { 'ledger_drift{service="portfolio"}': '0 0 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3' },
    silent: { 'ledger_drift{service="portfolio"}': '0x40' },
  },
  LedgerNotVerified: {
    at: '4h',
    fires: { 'ledger_verified_timestamp_seconds{service="portfolio"}': '60x1000' },
    silent: { 'ledger_verified_timestamp_seconds{service="portfolio"}': '0+15x1000' },
  },
  NoLeader: {
    at: '5m',
    fires: {
      'engine_leader{partition="0",instance="a"}': '1 1 0x40',
      'engine_leader{partition="0",instance="b"}': '0x40',
    },
    silent: {
      'engine_leader{partition="0",instance="a"}': '1x40',
      'engine_leader{partition="0",instance="b"}': '0x40',
    },
  },
  TwoLeaders: {
    at: '5m',
    fires: {
      'engine_leader{partition="0",instance="a"}': '1x40',
      'engine_leader{partition="0",instance="b"}': '0 0 1x40',
    },
    silent: {
      'engine_leader{partition="0",instance="a"}': '1x40',
      'engine_leader{partition="0",instance="b"}': '0x40',
    },
  },
  SnapshotOld: {
    at: '15m',
    fires: { 'engine_snapshot_age_seconds{partition="0"}': '0+15x80' },
    silent: { 'engine_snapshot_age_seconds{partition="0"}': '20x80' },
  },
  OutboxStuck: {
    at: '5m',
    fires: { 'outbox_age_seconds{service="order"}': '0+15x40' },
    silent: { 'outbox_age_seconds{service="order"}': '1x40' },
  },
  EventUnpublishable: {
    at: '5m',
    fires: { 'outbox_unpublishable_total{service="order"}': '0 0 1x40' },
    silent: { 'outbox_unpublishable_total{service="order"}': '3x40' },
  },
  CertificateEnds: {
    at: '2h',
    fires: { 'cert_expiry_timestamp_seconds{service="order"}': '864000x600' },
    silent: { 'cert_expiry_timestamp_seconds{service="order"}': '8640000x600' },
  },
  ConsumerLag: {
    at: '40m',
    fires: { 'consumer_lag{service="portfolio",consumer="executions"}': '0+100x200' },
    silent: { 'consumer_lag{service="portfolio",consumer="executions"}': '5000-10x200' },
  },
  DeadLetters: {
    at: '5m',
    fires: { 'consumer_dead_letters{service="portfolio",consumer="executions"}': '0 0 1x40' },
    silent: { 'consumer_dead_letters{service="portfolio",consumer="executions"}': '0x40' },
  },
  CircuitOpen: {
    at: '5m',
    fires: { 'rpc_client_circuit_open{service="gateway",callee="auth"}': '0 1x40' },
    silent: { 'rpc_client_circuit_open{service="gateway",callee="auth"}': '0 1 0x40' },
  },
  EventLoopSlow: {
    at: '15m',
    fires: { 'nodejs_eventloop_lag_p99_seconds{service="gateway"}': '0.5x80' },
    silent: { 'nodejs_eventloop_lag_p99_seconds{service="gateway"}': '0.02x80' },
  },
  PoolExhausted: {
    at: '20m',
    fires: {
      'db_pool_wait_seconds_bucket{service="order",le="0.1"}': '0x100',
      'db_pool_wait_seconds_bucket{service="order",le="1"}': '0+100x100',
      'db_pool_wait_seconds_bucket{service="order",le="+Inf"}': '0+100x100',
    },
    silent: {
      'db_pool_wait_seconds_bucket{service="order",le="0.1"}': '0+100x100',
      'db_pool_wait_seconds_bucket{service="order",le="1"}': '0+100x100',
      'db_pool_wait_seconds_bucket{service="order",le="+Inf"}': '0+100x100',
    },
  },
  NatsAway: {
    at: '5m',
    fires: { 'nats_connected{service="order"}': '1 1 0x40' },
    silent: { 'nats_connected{service="order"}': '1x40' },
  },
  RedisAway: {
    at: '5m',
    fires: { 'redis_connected{service="gateway"}': '1 1 0x40' },
    silent: { 'redis_connected{service="gateway"}': '1x40' },
  },
  TargetDown: {
    at: '5m',
    fires: { 'up{job="andvari",instance="a"}': '1 0x40' },
    silent: { 'up{job="andvari",instance="a"}': '1x40' },
  },
  Restarting: {
    at: '12m',
    fires: { 'process_start_time_seconds{job="andvari",service="order"}': '1x5 2x5 3x5 4x5 5x5 6x40' },
    silent: { 'process_start_time_seconds{job="andvari",service="order"}': '1x20 2x60' },
  },
  LoginFlood: {
    at: '20m',
    fires: { 'auth_logins_total{outcome="credentials_invalid"}': '0+600x100' },
    silent: {
      'auth_logins_total{outcome="succeeded"}': '0+600x100',
      'auth_logins_total{outcome="credentials_invalid"}': '0+5x100',
    },
  },
  ClockSkew: {
    at: '15m',
    fires: { 'caller_signature_refused_total{service="user"}': '0 0 0+5x100' },
    silent: { 'caller_signature_refused_total{service="user"}': '7x100' },
  },
  ContentsDiffer: {
    at: '5m',
    fires: { 'consumer_contents_differ_total{service="portfolio",consumer="portfolio-0"}': '0x4 1x40' },
    silent: { 'consumer_contents_differ_total{service="portfolio",consumer="portfolio-0"}': '3x40' },
  },
  UnexpectedReports: {
    at: '5m',
    fires: { 'unexpected_reports_total{service="order"}': '0 0 0 1 2 3 4x40' },
    silent: { 'unexpected_reports_total{service="order"}': '4x40' },
  },
  OrdersWaitForTheEngine: {
    at: '5m',
    fires: { 'orders_awaiting_engine{service="order"}': '0 0 2x40' },
    silent: { 'orders_awaiting_engine{service="order"}': '0 1 0x40' },
  },
  ConsumerStalled: {
    at: '5m',
    fires: { 'consumer_stalled_seconds{service="portfolio",consumer="executions"}': '0+15x40' },
    silent: { 'consumer_stalled_seconds{service="portfolio",consumer="executions"}': '0 3 0x40' },
  },
  ReportsRefused: {
    at: '5m',
    fires: { 'portfolio_refused_reports_total{service="portfolio",reason="price_beyond_limit"}': '0 0 1 2x40' },
    silent: { 'portfolio_refused_reports_total{service="portfolio",reason="price_beyond_limit"}': '2x40' },
  },
};

test('every alert has its examples', () => {
  expect(Object.keys(examples).toSorted()).toEqual(alerts.map(({ name }) => name).toSorted());
});

describe.skipIf(promtool === undefined)('promtool', () => {
  test('takes the rules', () => {
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, rulesFile());
    expect(tool(['check', 'rules', file])).toMatchObject({ status: 0 });
  });

  test.each(alerts.map(({ name }) => name))('%s fires, and does not, and says nothing of what is not there', (name) => {
    const { at, fires, silent } = examples[name] ?? { at: '5m', fires: {}, silent: {} };
    expect(firing(name, fires, at), 'should fire').toBeGreaterThan(0);
    expect(firing(name, silent, at), 'should be silent').toBe(0);
    expect(firing(name, { 'something_else{a="b"}': '1x40' }, at), 'nothing is there').toBe(0);
  });

  test.each(slos.map(({ name }) => name))(
    '%s: the budget that burns pages, the one that is kept does not',
    { timeout: 60_000 },
    (name) => {
      const slo = slos.find((one) => one.name === name);
      const [fastest] = burnRates;
      if (slo === undefined || fastest === undefined) throw new Error('there is such a promise');
      const alert = alertName(slo, fastest.long);
      expect(firing(alert, traffic(0.5), '90m'), 'half is bad').toBeGreaterThan(0);
      expect(firing(alert, traffic(0), '90m'), 'all is well').toBe(0);
      // At night one request fails: half of two, and nobody is woken.
      expect(firing(alert, traffic(0.5, 0.01), '90m'), 'hardly any traffic').toBe(0);
    },
  );
});

/** All indicators at once, a share of them bad, 15 s a sample. */
function traffic(bad: number, perSecond = 100): Record<string, string> {
  const each = 15 * perSecond;
  const grows = (share: number): string => `0+${each * share}x400`;
  const slow = (histogram: string, labels: string, le: string): Record<string, string> => ({
    [`${histogram}_bucket{${labels}le="${le}"}`]: grows(1 - bad),
    [`${histogram}_count{${labels}}`]: grows(1),
  });
  return {
    ...slow('graphql_operation_duration_seconds', 'kind="query",outcome="ok",', '0.25'),
    ...slow('graphql_operation_duration_seconds', 'kind="mutation",outcome="ok",', '0.5'),
    'graphql_operation_duration_seconds_count{kind="query",outcome="failed"}': grows(bad),
    ...slow('order_place_to_ack_seconds', '', '0.1'),
    ...slow('order_fill_to_ledger_seconds', '', '2.5'),
  };
}

/** How often the alert fires at that moment: promtool compares with what is expected, so nothing is expected and its words are read. */
function firing(alert: string, series: Record<string, string>, at: string): number {
  const rules = join(folder, `${alert}.rules.yaml`);
  const file = join(folder, `${alert}.test.yaml`);
  writeFileSync(rules, stringify({ groups: rulesOf(alert) }));
  const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  const tests = [
    { interval: '15s', input_series, alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: [] }] },
  ];
  writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: '15s', tests }));
  const { status, output } = tool(['test', 'rules', file]);
  if (status === 0) return 0;
  const got = /got:\[([\s\S]*)\]/.exec(output)?.[1] ?? '';
  if (got === '') throw new Error(output);
  return got.split('Labels:').length - 1;
}

/** The alert with the recordings that it stands on: all rules over hours take minutes. */
function rulesOf(alert: string): RuleGroup[] {
  const { groups } = parse(rulesFile()) as { groups: RuleGroup[] };
  return groups
    .filter(({ rules }) => rules.some((rule) => rule.alert === alert))
    .map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => rule.alert === undefined || rule.alert === alert),
    }));
}

interface RuleGroup {
  name: string;
  rules: { alert?: string; record?: string }[];
}

function tool(args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(promtool ?? '', args, { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}
