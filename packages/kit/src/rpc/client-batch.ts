import {
  type Answer,
  type Call,
  CallServiceService,
  type TogetherRequest,
  type TogetherResponse,
} from '@andvari/proto/common/v1/calls';
import { type Client, type ClientReadableStream, type ServiceError, status } from '@grpc/grpc-js';
import { outsideOfCalls } from '../base/context.ts';
import type { Metrics } from '../observe/metrics.ts';
import { cancelled, type OutgoingCall, type Send, unlessClosed, unlessGivenUp } from './client-unary.ts';
import { serviceError } from './status.ts';
import { MAX_CALLS_TOGETHER } from './types.ts';

/** What is longer would keep the others waiting on the wire: it goes alone. */
const MAX_REQUEST_BYTES = 64 * 1024;
/** While others are on their way and not so many wait, those that come next gather for this long. */
const GATHER_MS = 1;
const ENOUGH = 16;

/**
 * Calls made at the same moment go out as one; a call that is alone in its moment is made by itself. Each has its own
 * deadline and is answered as soon as it is done. What this does not do: tell the service that one caller of several has
 * hung up; it learns when all have, or when the deadline passes.
 */
export function sendTogether(client: Client, alone: Send, metrics: Metrics, gatherMs = GATHER_MS): Send {
  // Who asks for a longer wait wants larger messages, not the first sixteen.
  const enough = gatherMs > GATHER_MS ? MAX_CALLS_TOGETHER : ENOUGH;
  const sizes = metrics.histogram('rpc_client_calls_together', 'Calls that went out as one', [], [2, 4, 8, 16, 32, 64]);
  let waiting: Departing[] = [];
  /** A service of an older version answers every call, but not several at once. */
  let isUnderstood = true;

  let departedAt = Number.NEGATIVE_INFINITY;
  let onTheWay = 0;

  const depart = (): void => {
    const calls = waiting;
    if (calls.length === 0) return;
    waiting = [];
    onTheWay += calls.length;
    departedAt = performance.now();
    for (let first = 0; first < calls.length; first += MAX_CALLS_TOGETHER) {
      const those = calls.slice(first, first + MAX_CALLS_TOGETHER);
      if (!isUnderstood || those.length === 1) {
        for (const each of those) sendByItself(each, alone);
        continue;
      }
      sizes.observe(those.length);
      sendBatch(client, those, alone, () => {
        isUnderstood = false;
      });
    }
  };
  const departOrGather = (): void => {
    const isQuiet = onTheWay === 0 || waiting.length >= enough || performance.now() - departedAt > gatherMs;
    if (isQuiet) depart();
    else setTimeout(depart, gatherMs);
  };

  return (call) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) outsideOfCalls(() => setImmediate(departOrGather));
      waiting.push({
        call,
        resolve: (response) => {
          onTheWay -= 1;
          resolve(response);
        },
        reject: (error) => {
          onTheWay -= 1;
          reject(error);
        },
      });
      if (waiting.length === enough) outsideOfCalls(() => setImmediate(depart));
    });
}

interface Departing {
  readonly call: OutgoingCall;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: Error) => void;
}

function sendByItself({ call, resolve, reject }: Departing, alone: Send): void {
  alone(call).then(resolve, reject);
}

function sendBatch(client: Client, departing: Departing[], alone: Send, onNotUnderstood: () => void): void {
  const open = new OpenCalls(() => stream?.cancel());
  const now = Date.now();
  const calls: Call[] = [];
  let deadline = now;
  for (const each of departing) {
    const encoded = encode(each, now);
    if (encoded === undefined) continue;
    if (encoded.request.length > MAX_REQUEST_BYTES) {
      sendByItself(each, alone);
      continue;
    }
    open.add(each, now);
    deadline = Math.max(deadline, each.call.deadline);
    calls.push(encoded);
  }
  if (calls.length === 0) return;

  let stream: ClientReadableStream<TogetherResponse>;
  try {
    stream = unlessClosed(() => openTogether(client, calls, deadline));
  } catch (error) {
    open.failAll(error as ServiceError);
    return;
  }
  stream.on('data', ({ answers }: TogetherResponse) => {
    for (const answer of answers) open.settle(answer);
  });
  stream.on('error', (error: ServiceError) => {
    if (error.code !== status.UNIMPLEMENTED) {
      open.failAll(unlessGivenUp(error));
      return;
    }
    onNotUnderstood();
    for (const each of open.takeAll()) sendByItself(each, alone);
  });
  stream.on('end', () => {
    if (open.count > 0) open.failAll(serviceError(status.INTERNAL, 'the service left a call without an answer'));
  });
}

function openTogether(client: Client, calls: Call[], deadline: number): ClientReadableStream<TogetherResponse> {
  const { path, requestSerialize, responseDeserialize } = CallServiceService.together;
  return client.makeServerStreamRequest<TogetherRequest, TogetherResponse>(
    path,
    requestSerialize,
    responseDeserialize,
    { calls },
    { deadline },
  );
}

/** Undefined where there is nothing to send: the caller has hung up meanwhile, or the request cannot be encoded. */
function encode({ call, reject }: Departing, now: number): Call | undefined {
  const { method, request, deadline, signal, headers } = call;
  if (signal?.aborted === true) {
    reject(cancelled());
    return undefined;
  }
  try {
    return {
      path: method.path,
      caller: headers.caller,
      traceparent: headers.traceparent,
      requestId: headers.requestId,
      timeoutMs: Math.max(0, Math.ceil(deadline - now)),
      request: method.requestSerialize(request),
    };
  } catch (error) {
    reject(serviceError(status.INTERNAL, `the request cannot be written: ${(error as Error).message}`));
    return undefined;
  }
}

/** The calls of one batch that have no answer yet. Each ends once: by its answer, its deadline or its caller. */
class OpenCalls {
  readonly #calls: (OpenCall | undefined)[] = [];
  readonly #onNobodyWaits: () => void;
  #count = 0;

  constructor(onNobodyWaits: () => void) {
    this.#onNobodyWaits = onNobodyWaits;
  }

  get count(): number {
    return this.#count;
  }

  add(departing: Departing, now: number): void {
    const at = this.#calls.length;
    const { deadline, signal } = departing.call;
    const giveUp = (error: ServiceError): void => {
      this.#take(at)?.departing.reject(error);
      if (this.#count === 0) this.#onNobodyWaits();
    };
    const timer = setTimeout(
      () => giveUp(serviceError(status.DEADLINE_EXCEEDED, 'no answer in time')),
      Math.max(0, deadline - now),
    );
    const hangUp = signal === undefined ? undefined : (): void => giveUp(cancelled());
    if (hangUp !== undefined) signal?.addEventListener('abort', hangUp, { once: true });
    this.#calls.push({ departing, timer, hangUp });
    this.#count += 1;
  }

  settle(answer: Answer): void {
    const departing = this.#take(answer.call)?.departing;
    if (departing === undefined) return;
    const code: status = answer.status;
    if (code !== status.OK) {
      departing.reject(serviceError(code, answer.message, answer.detail));
      return;
    }
    try {
      departing.resolve(departing.call.method.responseDeserialize(answer.response));
    } catch (error) {
      departing.reject(serviceError(status.INTERNAL, `the response cannot be read: ${(error as Error).message}`));
    }
  }

  failAll(error: Error): void {
    for (const { reject } of this.takeAll()) reject(error);
  }

  takeAll(): Departing[] {
    return this.#calls.flatMap((_, at) => this.#take(at)?.departing ?? []);
  }

  #take(at: number): OpenCall | undefined {
    const open = this.#calls[at];
    if (open === undefined) return undefined;
    this.#calls[at] = undefined;
    this.#count -= 1;
    clearTimeout(open.timer);
    if (open.hangUp !== undefined) open.departing.call.signal?.removeEventListener('abort', open.hangUp);
    return open;
  }
}

interface OpenCall {
  readonly departing: Departing;
  readonly timer: NodeJS.Timeout;
  readonly hangUp: (() => void) | undefined;
}
