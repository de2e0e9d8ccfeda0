import { Server, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { type CallContext, withContext } from '../base/context.ts';
import { databaseError } from '../db/errors.ts';
import type { Scope } from '../process/scope.ts';
import { audienceOf } from './caller-token.ts';
import { addReflection } from './reflection.ts';
import { addTogether, type UnaryMethod } from './server-batch.ts';
import type { IncomingCall, RpcContext } from './server-context.ts';
import {
  type Admission,
  type AdmissionOptions,
  type AnswerUnary,
  answerUnary,
  failure,
  openAdmission,
  type UnaryHandler,
  unreadable,
} from './server-unary.ts';
import { reportCertificate, serverCredentials } from './tls.ts';
import {
  CALLER_KEY_HEADER,
  type Definition,
  MAX_MESSAGE_BYTES,
  REQUEST_ID_HEADER,
  type ServerStream,
  TRACE_HEADER,
  type Unary,
} from './types.ts';

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

export interface RpcServerOptions extends Omit<AdmissionOptions, 'audiences'> {
  port: number;
  services: Served[];
  /** Tells clients that ask what can be called; for development. */
  reflection?: boolean;
  tlsDir?: string | undefined;
  host?: string;
}

export async function serveRpc(scope: Scope, options: RpcServerOptions): Promise<{ port: number }> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_connection_age_ms': 30 * 60_000,
  });
  reportCertificate(options.metrics, options.tlsDir);
  const audiences = options.services.map(({ definition }) => audienceOf(definition));
  const admission = openAdmission({ ...options, audiences });
  const unary = new Map<string, UnaryMethod>();
  const together = (method: Definition[string], answer: AnswerUnary): AnswerUnary => {
    unary.set(method.path, { method, answer });
    return answer;
  };
  for (const { definition, handlers } of options.services) {
    const implementation: Record<string, unknown> = {};
    const reported: Record<string, Definition[string]> = {};
    for (const [name, method] of Object.entries(definition)) {
      const handler = handlers[name];
      if (handler === undefined) throw new Error(`no handler for ${method.path}`);
      reported[name] = { ...method, responseSerialize: encoder(method, scope) };
      implementation[name] = method.responseStream
        ? streamHandler(method.path, handler as StreamHandler, admission, scope)
        : unaryHandler(together(method, answerUnary(method.path, handler as UnaryHandler, admission, scope)));
    }
    server.addService(reported, implementation as never);
  }
  addTogether(server, unary, scope);
  const health = new HealthImplementation({ '': 'SERVING' });
  health.addToServer(server);
  if (options.reflection === true) addReflection(server);

  const port = await new Promise<number>((resolve, reject) => {
    const address = `${options.host ?? '127.0.0.1'}:${options.port}`;
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

type StreamHandler = (request: unknown, call: CallContext) => AsyncIterable<unknown>;
type AnyCall = Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'getDeadline' | 'on' | 'cancelled'>;

function unaryHandler(answer: AnswerUnary) {
  return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void => {
    void answer(incomingOf(call), call.request).then((outcome) => {
      if ('failure' in outcome) callback(outcome.failure);
      else callback(null, outcome.response);
    });
  };
}

function streamHandler(path: string, handler: StreamHandler, admission: Admission, scope: Scope) {
  const measured = admission.measure(path);
  return async (call: ServerWritableStream<unknown, unknown>): Promise<void> => {
    const finish = measured();
    let context: RpcContext | undefined;
    try {
      const admitted = (context = admission.admit(incomingOf(call)));
      await withContext(admitted, async () => {
        for await (const response of handler(call.request, admitted)) {
          if (call.cancelled) return;
          if (!call.write(response)) await drained(call);
        }
      });
      finish();
      call.end();
    } catch (thrown) {
      const error = databaseError(thrown);
      finish(error);
      call.emit('error', failure(error, path, context, scope));
    } finally {
      if (context !== undefined) admission.leave();
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

/** What comes with a call that is a call of gRPC's own. */
function incomingOf(call: AnyCall): IncomingCall {
  const { metadata } = call;
  return {
    callerToken: metadata.get(CALLER_KEY_HEADER)[0] as Buffer | undefined,
    traceparent: metadata.get(TRACE_HEADER)[0] as string | undefined,
    requestId: metadata.get(REQUEST_ID_HEADER)[0] as string | undefined,
    deadline: Number(call.getDeadline()),
    isCancelled: () => call.cancelled,
    onCancelled: (listener) => void call.on('cancelled', listener),
  };
}

function encoder({ path, responseSerialize }: Definition[string], scope: Scope): (response: unknown) => Buffer {
  return (response) => {
    try {
      return responseSerialize(response);
    } catch (error) {
      unreadable(error, path, scope);
      throw error;
    }
  };
}
