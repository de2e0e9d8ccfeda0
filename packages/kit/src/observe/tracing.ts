import { randomBytes, randomUUID } from 'node:crypto';
import {
  type Context,
  context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type * as Sdk from '@opentelemetry/sdk-trace';
import { build } from '../base/build.ts';
import { currentContext } from '../base/context.ts';

export { SpanKind } from '@opentelemetry/api';

/**
 * W3C trace context across HTTP, gRPC, NATS and SQL. Every request has a trace id, whether anything records it or not;
 * spans are recorded only where an OTLP endpoint is configured, and cost nothing elsewhere.
 */
let recording = false;
/** The share of new traces that is recorded; none where nothing records. */
let rootRatio = 0;

export async function startTracing(
  scope: { defer(name: string, release: () => unknown): void },
  options: { service: string; environment?: string; endpoint: string | undefined; sampleRatio: number },
): Promise<void> {
  if (options.endpoint === undefined || recording) return;
  const [
    sdk,
    { AsyncLocalStorageContextManager },
    { W3CTraceContextPropagator },
    { resourceFromAttributes },
    exporter,
  ] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  const traceExporter = new exporter.OTLPTraceExporter({ url: `${options.endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.service,
      'service.version': build.version,
      'service.instance.id': randomUUID(),
      'deployment.environment.name': options.environment ?? 'test',
    }),
    sampler: new sdk.ParentBasedSampler({ root: beginnings(sdk) }),
    idGenerator: { generateTraceId: () => beginning?.traceId ?? randomHex(16), generateSpanId: () => randomHex(8) },
    // A batch is as large as it happens, and each of its messages may be of another trace.
    spanLimits: { linkCountLimit: 1024 },
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: traceExporter })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  recording = true;
  rootRatio = options.sampleRatio;
  scope.defer('tracing', async () => {
    recording = false;
    rootRatio = 0;
    await provider.shutdown();
    // Else whoever starts next in this process would go on with a provider that is shut down.
    for (const api of [trace, context, propagation]) api.disable();
  });
}

const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-0[01]$/;

/** The trace id inside a traceparent header; undefined where the header is not one. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  if (traceparent === undefined) return undefined;
  return TRACEPARENT.exec(traceparent)?.[1];
}

/** What a first span is to be, said to the id generator and the sampler while it is made. */
let beginning: { traceId: string; sampled: boolean } | undefined;

/** A trace that begins is recorded if its traceparent says so; a span that belongs to nobody is not. */
function beginnings({ SamplingDecision }: Pick<typeof Sdk, 'SamplingDecision'>) {
  return {
    shouldSample: () => ({
      decision: beginning?.sampled === true ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
    }),
    toString: () => 'as the traceparent says',
  };
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/** The parent that a new trace names: no span has this id, so the first one in the trace has no parent. */
const NOBODY = '0000000000000001';

/** The beginning of a trace. Whether it is recorded is decided here: every sampler behind goes by its parent. */
export function newTraceparent(): string {
  if (unused.length === 0) {
    // Asking for randomness costs more than making an id from it, so it is asked for by the hundred.
    const random = randomBytes(16 * 256).toString('hex');
    unused = random.match(/.{32}/g) ?? [];
  }
  const id = unused.pop() as string;
  const sampled = rootRatio > 0 && Math.random() < rootRatio ? '01' : '00';
  return `00-${id}-${NOBODY}-${sampled}`;
}
let unused: string[] = [];

/** What to send along so that the next process continues this trace. */
export function activeTraceparent(): string | undefined {
  if (recording) {
    const carrier: Record<string, string> = {};
    propagation.inject(context.active(), carrier);
    if (carrier['traceparent'] !== undefined) return carrier['traceparent'];
  }
  return currentContext()?.traceparent;
}

/** The trace that is recorded: the one that `traceparent` names, or else the one around here. */
export function recordedTraceId(traceparent?: string): string | undefined {
  if (!recording) return undefined;
  const [, traceId, , flags] = PARTS.exec(traceparent ?? activeTraceparent() ?? '') ?? [];
  return flags === '01' ? traceId : undefined;
}

export interface SpanOptions {
  kind?: SpanKind;
  attributes?: Record<string, string | number>;
  /** The traceparent that came with the message or call; without it the active span is the parent, and where there is none nothing is recorded. */
  parent?: string | undefined;
  /** Records nothing where nothing is recorded around it: what timers and batches do belongs to no trace. */
  onlyInside?: boolean;
  /** The traceparents of messages that are dealt with together: the span is of none of their traces and points to each. */
  links?: readonly (string | undefined)[];
  /** What is known at the end only. */
  atEnd?: (error?: unknown) => Record<string, string | number>;
}

/** Runs `work` inside a span; an error is noted on it and thrown on. */
export function traced<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  if (!recording) return work();
  if (options.onlyInside === true && trace.getActiveSpan() === undefined) return work();
  const { parent, root, links } = surroundingsOf(options);
  // Of messages that nobody records nothing is recorded.
  if (options.links !== undefined && links.length === 0) return work();
  const settings = { kind: options.kind ?? SpanKind.INTERNAL, attributes: options.attributes ?? {}, links };
  beginning = root;
  const running = trace.getTracer('andvari').startActiveSpan(name, settings, parent, async (span: Span) => {
    beginning = undefined;
    try {
      const result = await work();
      if (options.atEnd !== undefined) span.setAttributes(options.atEnd());
      return result;
    } catch (error) {
      if (options.atEnd !== undefined) span.setAttributes(options.atEnd(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
      throw error;
    } finally {
      span.end();
    }
  });
  return running;
}

interface Surroundings {
  parent: Context;
  /** Where there is no parent. */
  root: typeof beginning;
  links: Link[];
}

function surroundingsOf({ parent, links: traceparents }: SpanOptions): Surroundings {
  if (traceparents !== undefined) {
    const links = [...new Set(traceparents)].flatMap(linkOf);
    return { parent: ROOT_CONTEXT, root: { traceId: randomHex(16), sampled: true }, links };
  }
  if (parent === undefined) return { parent: context.active(), root: undefined, links: [] };
  const [, traceId = '', parentId, flags] = PARTS.exec(parent) ?? [];
  if (parentId === NOBODY) return { parent: ROOT_CONTEXT, root: { traceId, sampled: flags === '01' }, links: [] };
  return { parent: propagation.extract(context.active(), { traceparent: parent }), root: undefined, links: [] };
}

const PARTS = /^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])$/;

function linkOf(traceparent: string | undefined): Link[] {
  const [, traceId, spanId, flags] = PARTS.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags !== '01') return [];
  return [{ context: { traceId, spanId, traceFlags: 1 } }];
}
