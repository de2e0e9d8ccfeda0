import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { currentContext, noCaller, withContext } from '../src/base/context.ts';
import { activeTraceparent, newTraceparent, startTracing, traced, traceIdOf } from '../src/observe/tracing.ts';
import { echo, ownScope } from './echo-service.ts';

const ID = '0af7651916cd43dd8448eb211c80319c';

test.each<[string, string | undefined, string | undefined]>([
  ['sampled', `00-${ID}-b7ad6b7169203331-01`, ID],
  ['not sampled', `00-${ID}-b7ad6b7169203331-00`, ID],
  ['none', undefined, undefined],
  ['cut short', `00-${ID}-b7ad`, undefined],
  ['of another version', `01-${ID}-b7ad6b7169203331-01`, undefined],
  ['with something behind it', `00-${ID}-b7ad6b7169203331-01\nx`, undefined],
  ['in capitals', `00-${ID.toUpperCase()}-b7ad6b7169203331-01`, undefined],
])('trace id of a header that is %s', (_, header, expected) => {
  expect(traceIdOf(header)).toBe(expected);
});

test('a new trace is a valid one and unlike any other', () => {
  const made = Array.from({ length: 1000 }, () => traceIdOf(newTraceparent()));
  expect(new Set(made).size).toBe(1000);
  expect(made).not.toContain(undefined);
});

test('one trace id goes through every service on the way, recorded or not', async () => {
  const seen: (string | undefined)[] = [];
  const note = (): void => void seen.push(traceIdOf(currentContext()?.traceparent));
  const inner = await echo({
    ask: async (request) => {
      note();
      return request;
    },
  });
  const outer = await echo({
    ask: async (request) => {
      note();
      return inner.ask(request);
    },
  });
  await withContext(context(`00-${ID}-b7ad6b7169203331-01`), () => outer.ask({ text: '' }));
  expect(seen).toEqual([ID, ID]);

  await outer.ask({ text: 'a caller without a trace begins one' });
  expect(seen[2]).toMatch(/^[0-9a-f]{32}$/);
  expect(seen[3]).toBe(seen[2]);
});

test('where an endpoint is given, the spans of a call on both sides reach it, in one trace', async () => {
  const collector = await otlpCollector();
  const scope = ownScope();
  await startTracing(scope, { service: 'test', endpoint: collector.url, sampleRatio: 1 });
  const { ask } = await echo({ ask: (request) => traced('inside', {}, async () => request) });
  const traceparents: (string | undefined)[] = [];
  await traced('the whole', { parent: newTraceparent() }, async () => {
    traceparents.push(activeTraceparent());
    await ask({ text: '' });
  });
  await scope.close();

  const received = collector.received();
  for (const name of ['the whole', 'EchoService/Ask', '/andvari.test.v1.EchoService/Ask', 'inside']) {
    expect(received.includes(name), `a span called ${name}`).toBe(true);
  }
  // All four spans and nothing else in the trace of the outermost one.
  const traceId = Buffer.from(traceIdOf(traceparents[0]) ?? '', 'hex');
  expect(occurrences(received, traceId)).toBe(4);
});

test('of a hundred requests that begin their own trace, at ratio 1 all are recorded, each from end to end', async () => {
  const collector = await otlpCollector();
  const scope = ownScope();
  await startTracing(scope, { service: 'test', endpoint: collector.url, sampleRatio: 1 });
  const { ask } = await echo({ ask: (request) => traced('inside', {}, async () => request) });
  const begun = Array.from({ length: 100 }, () => newTraceparent());
  await Promise.all(
    begun.map((traceparent) =>
      withContext(context(traceparent), () => traced('request', { parent: traceparent }, () => ask({ text: '' }))),
    ),
  );
  await scope.close();

  const received = collector.received();
  const spans = begun.map((traceparent) => occurrences(received, Buffer.from(traceIdOf(traceparent) ?? '', 'hex')));
  // The request, the call, its answer, and what is inside.
  expect(spans).toEqual(begun.map(() => 4));
});

test('without an endpoint no trace says that it is recorded', () => {
  expect(newTraceparent()).toMatch(/-00$/);
});

function context(traceparent: string): Parameters<typeof withContext>[0] {
  return {
    requestId: 'r1',
    caller: noCaller('test'),
    deadline: Date.now() + 5000,
    signal: new AbortController().signal,
    traceparent,
  };
}

function occurrences(bytes: Buffer, sought: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(sought); at !== -1; at = bytes.indexOf(sought, at + 1)) count += 1;
  return count;
}

/** Keeps what is sent to it; protobuf leaves names and ids readable. */
async function otlpCollector(): Promise<{ url: string; received: () => Buffer }> {
  const chunks: Buffer[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: () => Buffer.concat(chunks) };
}
