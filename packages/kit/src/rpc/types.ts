import type { ServiceDefinition } from '@grpc/grpc-js';

/** The shapes of calls, read from the definitions that ts-proto makes. */
export type Definition = ServiceDefinition;

interface Shape<Request, Response, ResponseStream extends boolean> {
  requestStream: false;
  responseStream: ResponseStream;
  requestDeserialize: (bytes: Buffer) => Request;
  responseDeserialize: (bytes: Buffer) => Response;
}

export type Unary<M> = M extends Shape<infer Request, infer Response, false> ? [Request, Response] : never;
export type ServerStream<M> = M extends Shape<infer Request, infer Response, true> ? [Request, Response] : never;

export const CALLER_KEY_HEADER = 'andvari-caller-bin';
export const TRACE_HEADER = 'traceparent';
export const REQUEST_ID_HEADER = 'andvari-request-id';
export const MAX_CALLS_TOGETHER = 64;
/** A page of anything fits well within it; what does not is a mistake. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
