import { randomUUID } from 'node:crypto';
import type { Caller } from '@andvari/proto/common/v1/common';
import {
  Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type StatusObject,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { callerVerifier } from './caller.ts';
import { nowUs } from './clock.ts';
import type { Secret } from './config.ts';
import { type CallContext, withContext } from './context.ts';
import { AppError } from './errors.ts';
import type { Metrics } from './metrics.ts';
import { maskedStatus, toStatus } from './rpc-error.ts';
import { addReflection } from './rpc-reflection.ts';
import { serverCredentials } from './rpc-tls.ts';
import {
  CALLER_KEY_HEADER,
  type Definition,
  MAX_MESSAGE_BYTES,
  type ServerStream,
  TRACE_HEADER,
  type Unary,
} from './rpc-types.ts';
import type { Scope } from './run.ts';
import { newTraceparent, SpanKind, traced, traceIdOf } from './tracing.ts';

/** One function a method: a request and its context in, the response or an AppError out. */
export type Handlers<D extends Definition> = {
  [M in keyof D]: D[M] extends { responseStream: true }
    ? (request: ServerStream<D[M]>[0], call: CallContext) => AsyncIterable<ServerStream<D[M]>[1]>
    : (request: Unary<D[M]>[0], call: CallContext) => Promise<Unary<D[M]>[1]>;
};

export interface Served {
  definition: Definition;
  handlers: Record<string, (request: never, call: CallContext) => unknown>;
}

export function serve<D extends Definition>(definition: D, handlers: Handlers<D>): Served {
  return { definition, handlers: handlers };
}

export interface RpcServerOptions {
  port: number;
  services: Served[];
  callerKey: Secret;
  metrics: Metrics;
  /** Tells clients that ask what can be called; for development. */
  reflection?: boolean;
  tlsDir?: string | undefined;
  /** Calls under way at most; the next one is refused at once, so that those under way still finish. */
  maxConcurrent?: number;
  /** For a call that brings no deadline of its own. */
  defaultDeadlineMs?: number;
  host?: string;
}

export async function serveRpc(scope: Scope, options: RpcServerOptions): Promise<{ port: number }> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_connection_age_ms': 30 * 60_000,
  });
  const gate = admission(options);
  for (const { definition, handlers } of options.services) {
    const implementation: Record<string, unknown> = {};
    const reported: Record<string, Definition[string]> = {};
    for (const [name, method] of Object.entries(definition)) {
      const handler = handlers[name];
      if (handler === undefined) throw new Error(`no handler for ${method.path}`);
      reported[name] = { ...method, responseSerialize: encoder(method, scope) };
      implementation[name] = method.responseStream
        ? streamHandler(method.path, handler as StreamHandler, gate, scope)
        : unaryHandler(method.path, handler as UnaryHandler, gate, scope);
    }
    server.addService(reported, implementation as never);
  }
  const health = new HealthImplementation({ '': 'SERVING' });
  health.addToServer(server);
  if (options.reflection === true) addReflection(server);

  const port = await new Promise<number>((resolve, reject) => {
    const address = `${options.host ?? '0.0.0.0'}:${options.port}`;
    server.bindAsync(address, serverCredentials(options.tlsDir), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  scope.signal.addEventListener('abort', () => health.setStatus('', 'NOT_SERVING'));
  // No new calls from here on; those under way finish, and are cut off only when they outlast the shutdown.
  scope.defer('rpc server', async () => {
    const cutOff = setTimeout(() => server.forceShutdown(), 7000);
    await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    clearTimeout(cutOff);
  });
  return { port };
}

type UnaryHandler = (request: unknown, call: CallContext) => Promise<unknown>;
type StreamHandler = (request: unknown, call: CallContext) => AsyncIterable<unknown>;
type AnyCall = Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'getDeadline' | 'on' | 'cancelled'>;
type Gate = ReturnType<typeof admission>;

function unaryHandler(path: string, handler: UnaryHandler, gate: Gate, scope: Scope) {
  const measured = gate.measure(path);
  return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void => {
    const finish = measured();
    let context: RpcContext;
    try {
      context = gate.admit(call);
    } catch (error) {
      finish(error);
      callback(failure(error, path, undefined, scope));
      return;
    }
    withContext(context, () =>
      traced(path, { kind: SpanKind.SERVER, parent: context.traceparent }, () =>
        Promise.try(handler, call.request, context),
      ),
    ).then(
      (response) => {
        gate.leave();
        finish();
        callback(null, response);
      },
      (error: unknown) => {
        gate.leave();
        finish(error);
        callback(failure(error, path, context, scope));
      },
    );
  };
}

function streamHandler(path: string, handler: StreamHandler, gate: Gate, scope: Scope) {
  const measured = gate.measure(path);
  return async (call: ServerWritableStream<unknown, unknown>): Promise<void> => {
    const finish = measured();
    let context: RpcContext | undefined;
    try {
      const admitted = (context = gate.admit(call));
      await withContext(admitted, async () => {
        for await (const response of handler(call.request, admitted)) {
          if (call.cancelled) return;
          if (!call.write(response)) await drained(call);
        }
      });
      finish();
      call.end();
    } catch (error) {
      finish(error);
      call.emit('error', failure(error, path, context, scope));
    } finally {
      if (context !== undefined) gate.leave();
    }
  };
}

/** A reader that is slow holds the writer back; one that is gone ends the wait. */
function drained(call: ServerWritableStream<unknown, unknown>): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      call.off('drain', go);
      call.off('cancelled', go);
      resolve();
    };
    call.on('drain', go);
    call.on('cancelled', go);
  });
}

/** The trace id that the caller is told is the one that the log entry carries. */
function failure(error: unknown, path: string, context: RpcContext | undefined, scope: Scope): Partial<StatusObject> {
  if (error instanceof AppError) return toStatus(error);
  const write = (): void => scope.log.error({ err: error, method: path }, 'a call failed through a fault of ours');
  if (context === undefined) write();
  else withContext(context, write);
  return maskedStatus(traceIdOf(context?.traceparent));
}

/** A response that cannot be encoded fails where no handler sees it; grpc tells the caller no more than that. */
function encoder({ path, responseSerialize }: Definition[string], scope: Scope): (response: unknown) => Buffer {
  return (response) => {
    try {
      return responseSerialize(response);
    } catch (error) {
      scope.log.error({ err: error, method: path }, 'a response could not be encoded');
      throw error;
    }
  };
}

/** Who may come in: checks the caller's word and the number of calls under way, and measures every call. */
function admission(options: RpcServerOptions) {
  const { callerKey, maxConcurrent = 2000, defaultDeadlineMs = 10_000, metrics } = options;
  const verify = callerVerifier(callerKey.reveal());
  const durations = metrics.histogram('rpc_server_duration_seconds', 'Calls answered, by method and code', [
    'method',
    'code',
  ]);
  let underWay = 0;
  metrics.gauge('rpc_server_calls', 'Calls under way', [], (gauge) => gauge.set(underWay));

  return {
    admit(call: AnyCall): RpcContext {
      if (underWay >= maxConcurrent) {
        throw new AppError('resource_exhausted', 'too many calls under way', { reason: 'overloaded' });
      }
      const word = call.metadata.get(CALLER_KEY_HEADER)[0];
      if (word === undefined) {
        throw new AppError('unauthenticated', 'the call says on nobody’s behalf', { reason: 'caller_missing' });
      }
      const context = new RpcContext(call, verify(word as Buffer, nowUs()), defaultDeadlineMs);
      underWay += 1;
      return context;
    },
    leave(): void {
      underWay -= 1;
    },
    measure(path: string) {
      const method = path.slice(path.lastIndexOf('.') + 1);
      const byCode = new Map<string, { observe(seconds: number): void }>();
      return () => {
        const startedAt = performance.now();
        return (error?: unknown): void => {
          const code = error === undefined ? 'ok' : error instanceof AppError ? error.code : 'internal';
          let child = byCode.get(code);
          if (child === undefined) byCode.set(code, (child = durations.labels({ method, code })));
          child.observe((performance.now() - startedAt) / 1000);
        };
      };
    },
  };
}

/** Signal and request id are made only for those who ask: most calls end before anybody would. */
class RpcContext implements CallContext {
  readonly caller: Caller;
  readonly deadline: number;
  readonly traceparent: string;
  readonly #call: AnyCall;
  #requestId: string;
  #signal: AbortSignal | undefined;

  constructor(call: AnyCall, caller: Caller, defaultDeadlineMs: number) {
    this.#call = call;
    this.caller = caller;
    this.#requestId = caller.requestId;
    const deadline = Number(call.getDeadline());
    this.deadline = Number.isFinite(deadline) ? deadline : Date.now() + defaultDeadlineMs;
    const traceparent = call.metadata.get(TRACE_HEADER)[0] as string | undefined;
    this.traceparent = traceIdOf(traceparent) === undefined ? newTraceparent() : (traceparent as string);
  }

  get requestId(): string {
    if (this.#requestId === '') this.#requestId = randomUUID();
    return this.#requestId;
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const hangUp = new AbortController();
      if (this.#call.cancelled) hangUp.abort();
      this.#call.on('cancelled', () => hangUp.abort());
      this.#signal = AbortSignal.any([hangUp.signal, AbortSignal.timeout(Math.max(this.deadline - Date.now(), 0))]);
    }
    return this.#signal;
  }
}
