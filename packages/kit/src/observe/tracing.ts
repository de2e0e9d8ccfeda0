import { randomBytes } from 'node:crypto';
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
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
  options: { service: string; endpoint: string | undefined; sampleRatio: number },
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
    resource: resourceFromAttributes({ 'service.name': options.service }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(options.sampleRatio) }),
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

/** The beginning of a trace. Whether it is recorded is decided here: every sampler behind goes by its parent. */
export function newTraceparent(): string {
  if (unused.length === 0) {
    // Asking for randomness costs more than making an id from it, so it is asked for by the hundred.
    const random = randomBytes(24 * 256).toString('hex');
    unused = random.match(/.{48}/g) ?? [];
  }
  const id = unused.pop() as string;
  const sampled = rootRatio > 0 && Math.random() < rootRatio ? '01' : '00';
  return `00-${id.slice(0, 32)}-${id.slice(32)}-${sampled}`;
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

export interface SpanOptions {
  kind?: SpanKind;
  attributes?: Record<string, string | number>;
  /** The traceparent that came with the message or call; without it the active span is the parent. */
  parent?: string | undefined;
  /** Records nothing where nothing is recorded around it: what timers and batches do belongs to no trace. */
  onlyInside?: boolean;
}

/** Runs `work` inside a span; an error is noted on it and thrown on. */
export function traced<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  if (!recording) return work();
  if (options.onlyInside === true && trace.getActiveSpan() === undefined) return work();
  const parent =
    options.parent === undefined
      ? context.active()
      : propagation.extract(context.active(), { traceparent: options.parent });
  const settings = { kind: options.kind ?? SpanKind.INTERNAL, attributes: options.attributes ?? {} };
  return trace.getTracer('andvari').startActiveSpan(name, settings, parent, async (span: Span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
      throw error;
    } finally {
      span.end();
    }
  });
}
