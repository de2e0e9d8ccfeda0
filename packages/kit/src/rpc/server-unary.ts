import type { Caller } from '@andvari/proto/common/v1/common';
import { type StatusObject, status } from '@grpc/grpc-js';
import { nowUs } from '../base/clock.ts';
import { type CallContext, withContext } from '../base/context.ts';
import { AppError } from '../base/errors.ts';
import { databaseError } from '../db/errors.ts';
import { fromZero } from '../observe/from-zero.ts';
import type { Metrics } from '../observe/metrics.ts';
import { SpanKind, traced, traceIdOf } from '../observe/tracing.ts';
import type { Scope } from '../process/scope.ts';
import { type CallerKeys, knownCallers } from './caller-keys.ts';
import { callerError, callerFaults, callerVerifier } from './caller-token.ts';
import { type IncomingCall, RpcContext } from './server-context.ts';
import { rpcAttributes, rpcStatus } from './span-attributes.ts';
import { maskedStatus, toStatus } from './status.ts';

export type UnaryHandler = (request: unknown, call: CallContext) => Promise<unknown>;

/** How a call ended: with a response, or with the status that its caller is told. */
export type Outcome = { readonly response: unknown } | { readonly failure: Partial<StatusObject> };

/** Answers unary calls, whether they came alone or together. It always resolves. */
export type AnswerUnary = (incoming: IncomingCall, request: unknown) => Promise<Outcome>;

export function answerUnary(path: string, handler: UnaryHandler, admission: Admission, scope: Scope): AnswerUnary {
  const measured = admission.measure(path);
  const attributes = rpcAttributes(path);
  return async (incoming, request) => {
    const finish = measured();
    let context: RpcContext | undefined;
    try {
      const admitted = (context = admission.admit(incoming));
      const response = await withContext(admitted, () =>
        traced(path, { kind: SpanKind.SERVER, parent: admitted.traceparent, attributes, atEnd: rpcStatus }, () =>
          Promise.try(handler, request, admitted),
        ),
      );
      finish();
      return { response };
    } catch (thrown) {
      // A read asks the pool directly: what `transaction()` says of a lost database is said for it here.
      const error = databaseError(thrown);
      finish(error);
      return { failure: failure(error, path, context, scope) };
    } finally {
      if (context !== undefined) admission.leave();
    }
  };
}

/** The trace id that the caller is told is the one that the log entry carries. */
export function failure(
  error: unknown,
  path: string,
  context: CallContext | undefined,
  scope: Scope,
): Partial<StatusObject> {
  if (error instanceof AppError) return toStatus(error);
  const write = (): void =>
    scope.log.error({ event: 'call_failed', err: error, method: path }, 'a call failed through a fault of ours');
  if (context === undefined) write();
  else withContext(context, write);
  return maskedStatus(traceIdOf(context?.traceparent));
}

/** A response that cannot be encoded fails where no handler sees it; the caller is told no more than that. */
export function unreadable(error: unknown, path: string, scope: Scope): Partial<StatusObject> {
  scope.log.error({ event: 'response_not_encoded', err: error, method: path }, 'a response could not be encoded');
  return { code: status.INTERNAL, details: 'Internal error' };
}

export interface AdmissionOptions extends Pick<CallerKeys, 'callerKey' | 'callers'> {
  /** What a token has to be made for. */
  audiences: readonly string[];
  metrics: Metrics;
  /** Calls under way at most; the next one is refused at once, so that those under way still finish. */
  maxConcurrent?: number;
  /** For a call that brings no deadline of its own. */
  defaultDeadlineMs?: number;
}

export type Admission = ReturnType<typeof openAdmission>;

/** Admission control: checks the caller's token and the number of calls under way, and measures every call. */
export function openAdmission(options: AdmissionOptions) {
  const { audiences, maxConcurrent = 2000, defaultDeadlineMs = 10_000, metrics } = options;
  const verify = callerVerifier(audiences, knownCallers(options));
  const refusals = fromZero(
    metrics.counter('caller_signature_refused_total', 'Calls whose caller could not be established', ['reason']),
    callerFaults.map((reason) => ({ reason })),
  );
  const durations = metrics.latency('rpc_server_duration_seconds', 'Calls answered, by method and code', [
    'method',
    'code',
  ]);
  let underWay = 0;
  metrics.gauge('rpc_server_calls', 'Calls under way', [], (gauge) => gauge.set(underWay));

  const callerOf = ({ callerToken }: IncomingCall): Caller => {
    try {
      if (callerToken !== undefined) return verify(callerToken, nowUs());
      throw callerError('caller_missing');
    } catch (error) {
      if (error instanceof AppError) refusals.inc({ reason: error.reason });
      throw error;
    }
  };

  return {
    admit(call: IncomingCall): RpcContext {
      if (underWay >= maxConcurrent) {
        throw new AppError('resource_exhausted', 'too many calls under way', { reason: 'overloaded' });
      }
      const context = new RpcContext(call, callerOf(call), defaultDeadlineMs);
      underWay += 1;
      return context;
    },
    leave(): void {
      underWay -= 1;
    },
    measure(path: string) {
      const method = path.slice(path.lastIndexOf('.') + 1);
      return () => {
        const startedAt = performance.now();
        return (error?: unknown): void => {
          const code = error === undefined ? 'ok' : error instanceof AppError ? error.code : 'internal';
          durations.observe({ method, code }, (performance.now() - startedAt) / 1000);
        };
      };
    },
  };
}
