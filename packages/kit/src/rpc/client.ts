import type { Caller } from '@andvari/proto/common/v1/common';
import { Client, type ClientReadableStream, type MethodDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { CircuitBreaker } from '../base/circuit-breaker.ts';
import { nowUs } from '../base/clock.ts';
import { currentContext, noCaller } from '../base/context.ts';
import { AppError } from '../base/errors.ts';
import type { Metrics } from '../observe/metrics.ts';
import { activeTraceparent, newTraceparent, SpanKind, traced } from '../observe/tracing.ts';
import type { Scope } from '../process/scope.ts';
import { type CallerKeys, keyFor } from './caller-keys.ts';
import { audienceOf, signCaller } from './caller-token.ts';
import { sendTogether } from './client-batch.ts';
import { streamRefusedOpenedAgain, withRefusedSentAgain, withRetries } from './client-retries.ts';
import { type CallHeaders, metadataOf, type Send, sendAlone } from './client-unary.ts';
import { rpcAttributes, rpcStatus } from './span-attributes.ts';
import { fromServiceError } from './status.ts';
import { channelCredentials, reportCertificate } from './tls.ts';
import { type Definition, MAX_MESSAGE_BYTES, type ServerStream, type Unary } from './types.ts';

/** A neighbour's methods as functions: a request in, a promise of the response or an AppError out. */
export type RpcClient<D extends Definition> = {
  [M in keyof D]: D[M] extends { responseStream: true }
    ? (request: ServerStream<D[M]>[0], options?: CallOptions) => AsyncIterable<ServerStream<D[M]>[1]>
    : (request: Unary<D[M]>[0], options?: CallOptions) => Promise<Unary<D[M]>[1]>;
};

export interface CallOptions {
  /** At most; the deadline of the work this call is part of may be nearer. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface RpcClientOptions<D extends Definition> extends Pick<CallerKeys, 'callerKey' | 'callees'> {
  /** host:port, or several with commas between. */
  address: string;
  /** The service that calls. */
  service: string;
  metrics: Metrics;
  /** Methods that do no harm twice: they are sent again when the neighbour does not answer. */
  idempotent: readonly (keyof D)[];
  timeoutMs?: number;
  /** How long calls gather after a departure; longer makes fewer messages of many calls, and a wait of so much for some of them. */
  gatherMs?: number;
  tlsDir?: string | undefined;
}

const DEFAULT_TIMEOUT_MS = 2000;

export function connectRpc<D extends Definition>(
  scope: Scope,
  definition: D,
  options: RpcClientOptions<D>,
): RpcClient<D> {
  const client = new Client(targetOf(options.address), channelCredentials(options.tlsDir), {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    // grpc's own bookkeeping of every call, which nobody reads. A server needs it: without it, grpc-js 1.14 forgets its
    // connections and cannot cut them off.
    'grpc.enable_channelz': 0,
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 5000,
    'grpc.initial_reconnect_backoff_ms': 100,
    // A service that is back is found again within a second or two, however long it was away.
    'grpc.max_reconnect_backoff_ms': 1500,
    // Sending again is ours, so that it is one way for calls that go alone and together; see client-retries.ts.
    'grpc.enable_retries': 0,
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  });
  scope.defer(`rpc client of ${options.address}`, () => client.close());

  reportCertificate(options.metrics, options.tlsDir);
  const outgoing = outgoingHeaders(options, audienceOf(definition));
  const breaker = new CircuitBreaker({ failures: 8, openMs: 500, maxOpenMs: 1500 });
  const neighbour = serviceNameOf(definition);
  const durations = options.metrics.histogram('rpc_client_duration_seconds', 'Calls made, by method and outcome', [
    'method',
    'code',
  ]);
  options.metrics.gauge(
    'rpc_client_circuit_open',
    'Whether calls to a neighbour are being refused',
    ['callee'],
    (gauge) => gauge.set({ callee: neighbour }, breaker.isOpen ? 1 : 0),
  );

  const timeout = (given: CallOptions | undefined): number =>
    Math.min(
      Date.now() + (given?.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
      currentContext()?.deadline ?? Number.POSITIVE_INFINITY,
    );

  const once = withRefusedSentAgain(sendTogether(client, sendAlone(client), options.metrics, options.gatherMs));
  const repeatable = withRetries(once);
  const methods: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(definition)) {
    const label = method.path.slice(method.path.lastIndexOf('.') + 1);
    methods[name] = method.responseStream
      ? streamCall(client, method, label, outgoing, timeout)
      : unaryCall(
          method,
          label,
          outgoing,
          timeout,
          options.idempotent.includes(name) ? repeatable : once,
          breaker,
          durations,
        );
  }
  return methods as RpcClient<D>;
}

type Outgoing = ReturnType<typeof outgoingHeaders>;
type Timeout = (given: CallOptions | undefined) => number;
type Method = MethodDefinition<unknown, unknown>;
type Durations = ReturnType<Metrics['histogram']>;

function unaryCall(
  method: Method,
  label: string,
  outgoing: Outgoing,
  timeout: Timeout,
  send: Send,
  breaker: CircuitBreaker,
  durations: Durations,
) {
  const attributes = rpcAttributes(method.path);
  const succeeded = durations.labels({ method: label, code: 'ok' });
  const call = async (request: unknown, given?: CallOptions): Promise<unknown> => {
    const deadline = timeout(given);
    const signal = given?.signal;
    const refusal = refusalOf(label, deadline, signal, breaker);
    if (refusal !== undefined) throw refusal;
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1000;
    try {
      const response = await send({ method, request, deadline, signal, headers: outgoing() });
      breaker.succeeded();
      succeeded.observe(seconds());
      return response;
    } catch (error) {
      if (signal?.aborted === true) breaker.abandoned();
      else if (isSilence(error as ServiceError)) breaker.failed();
      else breaker.succeeded();
      const failure = fromServiceError(error as ServiceError, label);
      durations.observe({ method: label, code: failure instanceof AppError ? failure.code : 'internal' }, seconds());
      throw failure;
    }
  };
  return (request: unknown, given?: CallOptions) =>
    traced(label, { kind: SpanKind.CLIENT, attributes, atEnd: rpcStatus }, () => call(request, given));
}

function streamCall(client: Client, method: Method, label: string, outgoing: Outgoing, timeout: Timeout) {
  const { path, requestSerialize, responseDeserialize } = method;
  async function* once(request: unknown, given?: CallOptions): AsyncGenerator {
    const stream: ClientReadableStream<unknown> = client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadataOf(outgoing()),
      { deadline: timeout(given) },
    );
    const hangUp = (): void => stream.cancel();
    if (given?.signal?.aborted === true) hangUp();
    given?.signal?.addEventListener('abort', hangUp, { once: true });
    try {
      for await (const response of stream) yield response;
    } finally {
      given?.signal?.removeEventListener('abort', hangUp);
      stream.cancel();
    }
  }
  return async function* (request: unknown, given?: CallOptions): AsyncGenerator {
    try {
      yield* streamRefusedOpenedAgain(() => once(request, given));
    } catch (error) {
      throw fromServiceError(error as ServiceError, label);
    }
  };
}

/** Why a call is not even made. One whose time is up already says nothing about the neighbour, so the breaker is asked last. */
function refusalOf(
  label: string,
  deadline: number,
  signal: AbortSignal | undefined,
  breaker: CircuitBreaker,
): AppError | undefined {
  const notCalled = (why: string, reason: string): AppError =>
    new AppError('unavailable', `${label} ${why}`, { reason });
  if (signal?.aborted === true) return notCalled('was cancelled', 'cancelled');
  if (deadline <= Date.now()) return notCalled('was not called: no time is left', 'deadline_exceeded');
  if (!breaker.admits()) return notCalled('is not being called: it has failed too often', 'circuit_open');
  return undefined;
}

/** No answer, or none in time: what tells that a neighbour is in trouble. A refusal is an answer. */
function isSilence(error: ServiceError): boolean {
  return error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED;
}

/** On whose behalf and in which trace. The signature of one caller serves all calls made for it. */
function outgoingHeaders(options: CallerKeys & { service: string }, audience: string): () => CallHeaders {
  const { service } = options;
  const nobody = noCaller(service);
  const key = keyFor(options, service, audience);
  const signedCallers = new WeakMap<Caller, { token: Buffer; signedAtUs: bigint }>();
  const RESIGN_AFTER_US = 30_000_000n;
  const tokenFor = (caller: Caller): Buffer => {
    const now = nowUs();
    const known = signedCallers.get(caller);
    if (known !== undefined && now - known.signedAtUs < RESIGN_AFTER_US) return known.token;
    const token = signCaller({ ...caller, service }, { audience, key }, now);
    signedCallers.set(caller, { token, signedAtUs: now });
    return token;
  };
  return () => {
    const context = currentContext();
    return {
      caller: tokenFor(context?.caller ?? nobody),
      traceparent: activeTraceparent() ?? newTraceparent(),
      requestId: context?.requestId ?? '',
    };
  };
}

function serviceNameOf(definition: Definition): string {
  return Object.values(definition)[0]?.path.split('/')[1] ?? '';
}

/** One name is resolved by DNS and balanced over all its addresses; several are taken as they are. */
function targetOf(address: string): string {
  return address.includes(',') ? `ipv4:${address}` : `dns:///${address}`;
}
