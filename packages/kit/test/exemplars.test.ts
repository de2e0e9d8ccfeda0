import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMetrics } from '../src/observe/metrics.ts';
import { newTraceparent, startTracing, traced, traceIdOf } from '../src/observe/tracing.ts';
import { openHealth } from '../src/process/health.ts';
import { type Collector, otlpCollector } from '../src/testing/otlp-collector.ts';
import { testScope } from '../src/testing/test-scope.ts';
import { parseOpenMetrics } from './open-metrics.ts';

const OPEN = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5';
const scope = testScope();
let collector: Collector;
beforeAll(async () => {
  collector = await otlpCollector();
  await startTracing(scope, { service: 'test', endpoint: collector.url, sampleRatio: 1 });
});
afterAll(async () => {
  await scope.close();
  await collector.close();
});

describe('the slowness of what is traced', () => {
  test('points to its trace, in the bucket where it is', async () => {
    const metrics = openMetrics('x');
    metrics.counter('things_total', 'Things, "quoted" and \\ so on', ['kind']).inc({ kind: 'a "b"\n\\c' });
    const seconds = metrics.latency('call_seconds', 'Calls', ['method'], [0.1, 1]);
    const parent = newTraceparent();
    await traced('a call', { parent }, async () => seconds.observe({ method: 'Ask' }, 0.5));
    seconds.observe({ method: 'Ask' }, 0.05);
    const { contentType, body } = await metrics.scrape(OPEN);
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const families = parseOpenMetrics(body);
    const buckets = families.get('call_seconds')?.samples.filter(({ name }) => name.endsWith('_bucket'));
    expect(buckets?.map(({ labels: { le }, exemplar }) => [le, exemplar?.labels])).toEqual([
      ['0.1', undefined],
      ['1', { trace_id: traceIdOf(parent) }],
      ['+Inf', undefined],
    ]);
    const [pointing] = buckets?.flatMap(({ exemplar }) => exemplar ?? []) ?? [];
    expect(pointing?.value).toBe(0.5);
    expect(Math.abs((pointing?.at ?? 0) - Date.now() / 1000)).toBeLessThan(60);
    expect(families.get('things')?.samples).toMatchObject([{ name: 'things_total', value: 1 }]);
  });

  test('points to the trace that a message names, where it is another’s', async () => {
    const metrics = openMetrics('x', { runtime: false });
    const parent = `${newTraceparent().slice(0, -2)}01`;
    metrics.latency('late_seconds', 'Late', [], [1]).observe({}, 0.5, parent);
    expect((await metrics.scrape(OPEN)).body).toContain(`trace_id="${traceIdOf(parent)}"`);
  });

  test('points nowhere for a trace that nobody records', async () => {
    const metrics = openMetrics('x', { runtime: false });
    const seconds = metrics.latency('call_seconds', 'Calls', [], [1]);
    const parent = `${newTraceparent().slice(0, -2)}00`;
    await traced('a call', { parent }, async () => seconds.observe({}, 0.5));
    expect((await metrics.scrape(OPEN)).body).not.toContain('trace_id');
  });
});

test('whoever does not accept OpenMetrics reads what was always there, also while another does', async () => {
  const metrics = openMetrics('x', { runtime: false });
  metrics.counter('things_total', 'Things').inc();
  const scrapes = await Promise.all([OPEN, '', OPEN, 'text/plain', OPEN].map((accept) => metrics.scrape(accept)));
  for (const { contentType, body } of scrapes) {
    const isOpen = contentType.startsWith('application/openmetrics-text');
    expect(body).toContain(isOpen ? '# TYPE things counter' : '# TYPE things_total counter');
    expect(body).toContain('\nthings_total{service="x"} 1\n');
    expect(body.includes('# EOF')).toBe(isOpen);
    if (isOpen) parseOpenMetrics(body);
  }
  expect(scrapes.map(({ contentType }) => contentType.split(';')[0])).toEqual(
    [true, false, true, false, true].map((isOpen) => (isOpen ? 'application/openmetrics-text' : 'text/plain')),
  );
});

test('what begins to be measured after a scrape of the other format is measured', async () => {
  const metrics = openMetrics('x', { runtime: false });
  await metrics.scrape();
  metrics.latency('late_seconds', 'Late', []).observe({}, 0.5);
  expect((await metrics.scrape()).body).toContain('late_seconds_count{service="x"} 1');
});

test('the admin port goes by Accept', async () => {
  const { port } = await openHealth(scope, { port: 0, metrics: openMetrics('x') });
  const scrape = (accept: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept } });
  const open = await scrape(OPEN);
  expect(open.headers.get('content-type')).toContain('application/openmetrics-text');
  expect(parseOpenMetrics(await open.text()).size).toBeGreaterThan(20);
  expect((await scrape('*/*')).headers.get('content-type')).toContain('text/plain');
});

describe('the strict reader refuses', () => {
  test.each([
    ['no end', '# TYPE a gauge\na 1\n'],
    ['a counter without its suffix', '# TYPE a counter\na 1\n# EOF\n'],
    ['a sample of another family', '# TYPE a gauge\nb 1\n# EOF\n'],
    ['a blank line', '# TYPE a gauge\n\na 1\n# EOF\n'],
    ['a family twice', '# TYPE a gauge\na 1\n# TYPE a gauge\n# EOF\n'],
    ['an exemplar on a gauge', '# TYPE a gauge\na 1 # {trace_id="x"} 1 1\n# EOF\n'],
    ['buckets without an end', '# TYPE a histogram\na_bucket{le="1"} 1\na_count 1\na_sum 1\n# EOF\n'],
    ['a comma behind the last label', '# TYPE a gauge\na{b="c",} 1\n# EOF\n'],
    [
      'an exemplar beyond its bucket',
      '# TYPE a histogram\na_bucket{le="1"} 1 # {trace_id="x"} 2 1\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n# EOF\n',
    ],
  ])('%s', (_, text) => {
    expect(() => parseOpenMetrics(text)).toThrow();
  });
});
