import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';
import type { ConsumerInfo, StreamInfo } from '@nats-io/jetstream';
import { describe, expect, test } from 'vitest';
import { runbooks } from '../src/doctor/complaint.ts';
import { judgeLeaders, judgeMetrics } from '../src/doctor/judge-metrics.ts';
import { judgeClock } from '../src/doctor/look-at-services.ts';
import { judgeProgress, judgeRoom } from '../src/doctor/look-at-streams.ts';
import { samplesIn } from '../src/doctor/read-metrics.ts';

test.each(runbooks)('%s has its page', (name) => {
  expect(existsSync(join(checkoutRoot, 'docs/runbooks', `${name}.md`))).toBe(true);
});

const NOW = 1_800_000_000;
const said = (text: string) => judgeMetrics('portfolio', samplesIn(text), NOW).map(({ runbook }) => runbook);

describe('what a service measures', () => {
  test.each<[line: string, runbook: string | undefined]>([
    ['ledger_drift{service="portfolio"} 2', 'ledger-drift'],
    ['ledger_drift{service="portfolio"} 0', undefined],
    [`ledger_verified_timestamp_seconds ${NOW - 7201}`, 'ledger-not-verified'],
    [`ledger_verified_timestamp_seconds ${NOW - 60}`, undefined],
    // Nothing was verified yet: it has just started.
    ['ledger_verified_timestamp_seconds 0', undefined],
    ['engine_snapshot_age_seconds{partition="0"} 301', 'snapshot-old'],
    ['outbox_age_seconds 31.5', 'outbox-stuck'],
    ['outbox_age_seconds NaN', undefined],
    ['consumer_stalled_seconds{consumer="audit-auth"} 61', 'consumer-lag'],
    ['rpc_client_circuit_open{callee="stock"} 1', 'circuit-open'],
    ['rpc_client_circuit_open{callee="stock"} 0', undefined],
    ['nats_connected 0', 'nats-down'],
    ['nats_connected 1', undefined],
    ['redis_connected 0', 'redis-down'],
    ['redis_connected 1', undefined],
    [`cert_expiry_timestamp_seconds ${NOW + 86_400}`, 'certificates'],
    [`cert_expiry_timestamp_seconds ${NOW + 86_400 * 30}`, undefined],
    ['nodejs_eventloop_lag_p99_seconds 0.3', 'api-slow'],
    ['orders_awaiting_engine 1', 'order-ack-slow'],
    ['# HELP ledger_drift 5', undefined],
  ])('%s: %s', (line, runbook) => {
    expect(said(line)).toEqual(runbook === undefined ? [] : [runbook]);
  });
});

describe('who leads a partition, over all engines', () => {
  test.each<[string, string[], string[]]>([
    ['one', ['engine_leader{partition="0"} 1', 'engine_leader{partition="0"} 0'], []],
    ['nobody', ['engine_leader{partition="0"} 0'], ['no-leader']],
    ['two', ['engine_leader{partition="0"} 1', 'engine_leader{partition="0"} 1'], ['two-leaders']],
    ['one of two', ['engine_leader{partition="0"} 1', 'engine_leader{partition="1"} 0'], ['no-leader']],
  ])('%s', (_, lines, expected) => {
    expect(judgeLeaders(samplesIn(lines.join('\n'))).map(({ runbook }) => runbook)).toEqual(expected);
  });
});

test.each<[what: string, there: string | null, apart: boolean]>([
  ['the same time', '2027-01-15T08:00:00Z', false],
  ['a moment before', '2027-01-15T07:59:57Z', false],
  ['a minute before', '2027-01-15T07:59:00Z', true],
  ['a minute after', '2027-01-15T08:01:00Z', true],
  ['no time at all', null, false],
])('a clock that says %s', (_, there, apart) => {
  const at = Date.parse('2027-01-15T08:00:00Z');
  expect(judgeClock('order', there, { askedAtMs: at, answeredAtMs: at + 100 }).length).toBe(apart ? 1 : 0);
});

test.each<[bytes: number, most: number, expected: number]>([
  [79, 100, 0],
  [80, 100, 1],
  [1000, -1, 0],
])('a stream with %d of %d bytes', (bytes, most, expected) => {
  const stream = { config: { name: 'ORDER', max_bytes: most }, state: { bytes } } as unknown as StreamInfo;
  expect(judgeRoom(stream)).toHaveLength(expected);
});

const consumer = (pending: number, floor: number): ConsumerInfo =>
  ({
    name: 'audit',
    stream_name: 'ORDER',
    config: { durable_name: 'audit' },
    num_pending: pending,
    num_ack_pending: 0,
    ack_floor: { stream_seq: floor },
  }) as unknown as ConsumerInfo;

describe('a consumer', () => {
  test.each<[what: string, before: ConsumerInfo[], now: ConsumerInfo, complaints: number]>([
    ['that is behind and stands', [consumer(5, 1)], consumer(5, 1), 1],
    ['that is behind and moves', [consumer(5, 1)], consumer(5, 3), 0],
    ['that has just become behind', [consumer(0, 1)], consumer(2, 1), 0],
    ['that has caught up', [consumer(5, 1)], consumer(0, 6), 0],
    ['that is new', [], consumer(5, 1), 0],
  ])('%s', (_, before, now, complaints) => {
    expect(judgeProgress({ consumers: before }, now)).toHaveLength(complaints);
  });
});
