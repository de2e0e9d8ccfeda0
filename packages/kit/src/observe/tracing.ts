import { randomBytes } from 'node:crypto';
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { currentContext } from '../base/context.ts';

export { SpanKind } from '@opentelemetry/api';

/**
 * W3C trace context across HTTP, gRPC, NATS and SQL. Every request has a trace id, whether anything records it or not;
 * spans are recorded only where an OTLP endpoint is configured, and cost nothing elsewhere.
 */
let recording = false;

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
  scope.defer('tracing', async () => {
    recording = false;
    await provider.shutdown();
  });
}

const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-0[01]$/;

/** The trace id inside a traceparent header; undefined where the header is not one. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  if (traceparent === undefined) return undefined;
  return TRACEPARENT.exec(traceparent)?.[1];
}

export function newTraceparent(): string {
  if (unused.length === 0) {
    // Asking for randomness costs more than making an id from it, so it is asked for by the hundred.
    const random = randomBytes(24 * 256).toString('hex');
    unused = random.match(/.{48}/g) ?? [];
  }
  const id = unused.pop() as string;
  return `00-${id.slice(0, 32)}-${id.slice(32)}-00`;
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
}

/** Runs `work` inside a span; an error is noted on it and thrown on. */
export function traced<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  if (!recording) return work();
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
