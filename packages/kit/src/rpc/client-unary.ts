import { type Client, Metadata, type MethodDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { outsideOfCalls } from '../base/context.ts';
import { serviceError } from './status.ts';
import { CALLER_KEY_HEADER, REQUEST_ID_HEADER, TRACE_HEADER } from './types.ts';

/** One unary call, ready to go out. */
export interface OutgoingCall {
  readonly method: MethodDefinition<unknown, unknown>;
  readonly request: unknown;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly headers: CallHeaders;
}

/** On whose behalf, in which trace, and which request of whoever began it. */
export interface CallHeaders {
  readonly caller: Buffer;
  readonly traceparent: string;
  readonly requestId: string;
}

/** A way to make a call: resolves with the response, rejects with a ServiceError. */
export type Send = (call: OutgoingCall) => Promise<unknown>;

/** Each call by itself, as gRPC makes it. */
export function sendAlone(client: Client): Send {
  return ({ method, request, deadline, signal, headers }) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(cancelled());
        return;
      }
      const { path, requestSerialize, responseDeserialize } = method;
      const metadata = metadataOf(headers);
      const under = outsideOfCalls(() =>
        unlessClosed(() =>
          client.makeUnaryRequest(
            path,
            requestSerialize,
            responseDeserialize,
            request,
            metadata,
            { deadline },
            (error, response) => {
              signal?.removeEventListener('abort', hangUp);
              if (error === null) resolve(response);
              else reject(unlessGivenUp(error, signal));
            },
          ),
        ),
      );
      const hangUp = (): void => under.cancel();
      signal?.addEventListener('abort', hangUp, { once: true });
    });
}

/** A client that is closed throws: calls that gathered while its process stopped fail like any that get no answer. */
export function unlessClosed<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw serviceError(status.UNAVAILABLE, `not called: ${(error as Error).message}`);
  }
}

/** Its caller hung up before there was an answer. */
export function cancelled(): ServiceError {
  return serviceError(status.CANCELLED, 'given up by its caller');
}

/** What gRPC calls cancelled and no caller of ours has given up was cut off by the service, as when it has to stop. */
export function unlessGivenUp(error: ServiceError, signal?: AbortSignal): ServiceError {
  const isCutOff = error.code === status.CANCELLED && signal?.aborted !== true;
  return isCutOff ? serviceError(status.UNAVAILABLE, 'cut off by the service') : error;
}

export function metadataOf({ caller, traceparent, requestId }: CallHeaders): Metadata {
  const metadata = new Metadata();
  metadata.set(CALLER_KEY_HEADER, caller);
  metadata.set(TRACE_HEADER, traceparent);
  if (requestId !== '') metadata.set(REQUEST_ID_HEADER, requestId);
  return metadata;
}
