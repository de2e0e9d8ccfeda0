import { eventually } from '@andvari/kit/testing/eventually';
import { type CollectedSpan, type Collector, otlpCollector } from '@andvari/kit/testing/otlp-collector';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { peopleOf } from './people.ts';
import { identityServices, type System, startSystem } from './system.ts';

/** A click seen from end to end over the real processes: from the gateway to whoever applies what it said. */
let collector: Collector;
let system: System;
beforeAll(async () => {
  collector = await otlpCollector();
  system = await startSystem(identityServices, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    TRACE_SAMPLE_RATIO: '1',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    LIMIT_PER_USER: '1000000',
    LIMIT_PER_ADDRESS: '1000000',
  });
});
afterAll(async () => {
  await system.close();
  await collector.close();
});

const CLICKS = 100;
const rename = `mutation Rename($name: String!) {
  updateProfile(input: { givenName: $name }) { __typename ... on User { id } }
}`;

test('100 clicks at ratio 1 are 100 traces, each whole and reached by the consumers of what it said', {
  timeout: 120_000,
}, async () => {
  const { browser } = await peopleOf(system).registered();
  for (let click = 0; click < CLICKS; click += 1) {
    const { errors, data } = await browser.ask(rename, {
      name: `Ada ${'abcdefghij'[click % 10]}${'abcdefghij'[Math.floor(click / 10)]}`,
    });
    expect({ errors, data }).toMatchObject({ errors: [], data: { updateProfile: { __typename: 'User' } } });
  }
  const traces = await eventually(() => {
    const found = clicks(collector.spans());
    expect(found).toHaveLength(CLICKS);
    for (const trace of found) {
      expect([...new Set(trace.map(({ service }) => service))]).toEqual(expect.arrayContaining(['gateway', 'user']));
      expect(names(trace)).toEqual(
        expect.arrayContaining([
          'graphql',
          'UserService/UpdateProfile',
          '/andvari.user.v1.UserService/UpdateProfile',
          'transaction',
        ]),
      );
    }
    return found;
  });
  for (const trace of traces) {
    const ids = new Set(trace.map(({ spanId }) => spanId));
    // One beginning, and nothing that hangs in the air.
    expect(trace.filter(({ parentId }) => parentId === '').map(({ name }) => name)).toEqual(['graphql']);
    expect(trace.filter(({ parentId }) => parentId !== '' && !ids.has(parentId))).toEqual([]);
  }
  await eventually(() => {
    const linked = new Set(
      collector
        .spans()
        .flatMap(({ links, service, name }) => links.map((id) => `${service} ${name.split(' ')[0]} ${id}`)),
    );
    for (const [first] of traces) {
      expect(linked).toContain(`user publish ${first?.traceId}`);
      expect(linked).toContain(`security process ${first?.traceId}`);
    }
  });
});

test('spans say what they are of', () => {
  const spans = collector.spans();
  const one = (name: string | RegExp) =>
    spans.find((span) => (typeof name === 'string' ? span.name === name : name.test(span.name)));
  expect(one('graphql')?.attributes).toMatchObject({ 'graphql.operation.type': expect.any(String) });
  expect(spans.find(({ attributes }) => attributes['graphql.operation.name'] === 'Rename')).toBeUndefined();
  for (const name of ['UserService/UpdateProfile', '/andvari.user.v1.UserService/UpdateProfile']) {
    expect(one(name)?.attributes).toMatchObject({
      'rpc.system': 'grpc',
      'rpc.service': 'andvari.user.v1.UserService',
      'rpc.method': 'UpdateProfile',
      'rpc.status': 'ok',
    });
  }
  expect(one('transaction')?.attributes).toMatchObject({
    'db.system.name': 'postgresql',
    'db.namespace': expect.stringMatching(/_db$/),
  });
  expect(one('process audit-user')?.attributes).toMatchObject({
    'messaging.system': 'nats',
    'messaging.destination.name': 'USER',
    'messaging.consumer.group.name': 'audit-user',
    'messaging.batch.message_count': expect.any(Number),
  });
  for (const { resource } of spans) {
    expect(resource).toMatchObject({
      'service.name': expect.stringMatching(/^[a-z]+$/),
      'service.version': expect.stringMatching(/^\d+\.\d+\.\d+/),
      'service.instance.id': expect.any(String),
      'deployment.environment.name': 'development',
    });
  }
});

test('what timers and polling do begins no trace', () => {
  const roots = collector.spans().filter(({ parentId, links }) => parentId === '' && links.length === 0);
  expect(new Set(roots.map(({ name }) => name.split(' ')[0]))).toEqual(new Set(['graphql']));
});

/** The traces of the clicks, by what all of them begin with and only they reach. */
function clicks(spans: readonly CollectedSpan[]): CollectedSpan[][] {
  const traces = [...Map.groupBy(spans, ({ traceId }) => traceId).values()];
  return traces.filter((trace) => names(trace).includes('UserService/UpdateProfile'));
}

function names(trace: readonly CollectedSpan[]): string[] {
  return trace.map(({ name }) => name);
}
