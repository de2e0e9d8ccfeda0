import { expect, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { openMetrics } from '../src/observe/metrics.ts';
import { eventually } from '../src/testing/eventually.ts';
import { echoClient, echoServer, rejection } from './echo-service.ts';

test('what was counted is in the text that Prometheus scrapes, labelled with the service', async () => {
  const metrics = openMetrics('order', { runtime: false });
  metrics.counter('orders_placed_total', 'Orders placed', ['side']).inc({ side: 'buy' }, 2);
  metrics.gauge('orders_open', 'Orders open').set(7);
  metrics.histogram('fill_seconds', 'Time to fill', [], [0.1, 1]).observe(0.5);
  const { contentType, body } = await metrics.scrape();
  expect(contentType).toContain('text/plain');
  expect(body.split('\n')).toEqual(
    expect.arrayContaining([
      '# TYPE orders_placed_total counter',
      'orders_placed_total{side="buy",service="order"} 2',
      'orders_open{service="order"} 7',
      'fill_seconds_bucket{le="0.1",service="order"} 0',
      'fill_seconds_bucket{le="1",service="order"} 1',
      'fill_seconds_count{service="order"} 1',
    ]),
  );
});

test('says which build it is', async () => {
  const { body } = await openMetrics('order', { runtime: false }).scrape();
  expect(body).toMatch(/^andvari_build_info\{version="\d+\.\d+\.\d+",commit="checkout",service="order"\} 1$/m);
});

test('two services in one process stay apart', async () => {
  const [one, other] = [openMetrics('one', { runtime: false }), openMetrics('other', { runtime: false })];
  one.counter('things_total', 'Things').inc();
  other.counter('things_total', 'Things').inc(5);
  expect((await one.scrape()).body).toContain('things_total{service="one"} 1');
  expect((await other.scrape()).body).toContain('things_total{service="other"} 5');
});

test('a part that is opened twice counts on in the same metric', async () => {
  const metrics = openMetrics('x', { runtime: false });
  metrics.counter('things_total', 'Things').inc();
  metrics.counter('things_total', 'Things').inc();
  metrics.histogram('seconds', 'Seconds').observe(1);
  metrics.histogram('seconds', 'Seconds').observe(1);
  const { body } = await metrics.scrape();
  expect(body).toContain('things_total{service="x"} 2');
  expect(body).toContain('seconds_count{service="x"} 2');
});

test('several parts fill in their own part of a shared gauge, each time anew', async () => {
  const metrics = openMetrics('x', { runtime: false });
  let size = 1;
  metrics.gauge('pool_size', 'Size', ['pool'], (gauge) => gauge.set({ pool: 'a' }, size));
  metrics.gauge('pool_size', 'Size', ['pool'], (gauge) => gauge.set({ pool: 'b' }, size * 10));
  await metrics.scrape();
  size = 2;
  const { body } = await metrics.scrape();
  expect(body).toContain('pool_size{pool="a",service="x"} 2');
  expect(body).toContain('pool_size{pool="b",service="x"} 20');
});

test('the runtime reports event loop, heap and processor time', async () => {
  const { body } = await openMetrics('x').scrape();
  for (const name of ['nodejs_eventloop_lag_seconds', 'nodejs_heap_size_used_bytes', 'process_cpu_seconds_total']) {
    expect(body).toContain(name);
  }
});

test('an event loop that is held up is seen in the lag of the next scrape, and no longer in the one after', async () => {
  const metrics = openMetrics('x');
  const maxLag = async (): Promise<number> => {
    const { body } = await metrics.scrape();
    return Number(/^nodejs_eventloop_lag_max_seconds\{.*\} (\S+)$/m.exec(body)?.[1] ?? 0);
  };
  let highest = 0;
  // The look may be a second away: held up often enough, the loop is late for one of them.
  await eventually(async () => {
    holdUp(150);
    highest = Math.max(highest, await maxLag());
    expect(highest).toBeGreaterThan(0.05);
  });
  await eventually(async () => expect(await maxLag()).toBeLessThan(highest));
});

function holdUp(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('every call is measured on both sides, by method and code', async () => {
  const { address, metrics } = await echoServer({
    tell: () => Promise.reject(new AppError('not_found', 'no')),
    ask: (request) => (request.text === 'bug' ? Promise.reject(new Error('a bug')) : Promise.resolve(request)),
  });
  const calling = openMetrics('test', { runtime: false });
  const client = echoClient(address, { metrics: calling });
  await client.ask({ text: '' });
  await rejection(client.ask({ text: 'bug' }));
  await rejection(client.tell({ text: '' }));
  for (const [side, { body }] of [
    ['server', await metrics.scrape()],
    ['client', await calling.scrape()],
  ] as const) {
    for (const [method, code] of [
      ['Ask', 'ok'],
      ['Ask', 'internal'],
      ['Tell', 'not_found'],
    ]) {
      expect(body).toMatch(
        new RegExp(
          `rpc_${side}_duration_seconds_count\\{(?=.*method="EchoService/${method}")(?=.*code="${code}").*\\} 1`,
        ),
      );
    }
  }
});

test('a stream is measured too', async () => {
  const { address, metrics } = await echoServer();
  for await (const _ of echoClient(address).list({ text: '' }));
  expect((await metrics.scrape()).body).toMatch(
    /rpc_server_duration_seconds_count\{.*method="EchoService\/List".*\} 1/,
  );
});
