import { randomUUID } from 'node:crypto';
import type { Caller } from '@andvari/proto/common/v1/common';
import type { CallContext } from '../base/context.ts';
import { newTraceparent, traceIdOf } from '../observe/tracing.ts';

/** What comes with a call besides its request, however it came. */
export interface IncomingCall {
  readonly callerToken: Uint8Array | undefined;
  readonly traceparent: string | undefined;
  readonly requestId: string | undefined;
  /** Milliseconds since the epoch; infinite where the call brought none. */
  readonly deadline: number;
  readonly isCancelled: () => boolean;
  readonly onCancelled: (listener: () => void) => void;
}

/** Signal and request id are made only for those who ask: most calls end before anybody would. */
export class RpcContext implements CallContext {
  readonly caller: Caller;
  readonly deadline: number;
  readonly traceparent: string;
  readonly #call: IncomingCall;
  #requestId: string;
  #signal: AbortSignal | undefined;

  constructor(call: IncomingCall, caller: Caller, defaultDeadlineMs: number) {
    this.#call = call;
    this.caller = caller;
    this.#requestId = (call.requestId ?? '').slice(0, MAX_REQUEST_ID);
    this.deadline = Number.isFinite(call.deadline) ? call.deadline : Date.now() + defaultDeadlineMs;
    this.traceparent = traceIdOf(call.traceparent) === undefined ? newTraceparent() : (call.traceparent as string);
  }

  get requestId(): string {
    if (this.#requestId === '') this.#requestId = randomUUID();
    return this.#requestId;
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const hangUp = new AbortController();
      if (this.#call.isCancelled()) hangUp.abort();
      this.#call.onCancelled(() => hangUp.abort());
      this.#signal = AbortSignal.any([hangUp.signal, AbortSignal.timeout(Math.max(this.deadline - Date.now(), 0))]);
    }
    return this.#signal;
  }
}

const MAX_REQUEST_ID = 64;
