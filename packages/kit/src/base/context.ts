import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller } from '@andvari/proto/common/v1/common';

/** What a piece of work knows about where it comes from, carried along through everything it awaits. */
export interface CallContext {
  readonly requestId: string;
  readonly caller: Caller;
  /** Milliseconds since the epoch; whatever is called on the way must be done by then. */
  readonly deadline: number;
  /** Aborts when the caller hangs up or the deadline passes. */
  readonly signal: AbortSignal;
  /** W3C trace context, sent along with whatever is called on the way. */
  readonly traceparent: string;
}

const storage = new AsyncLocalStorage<CallContext>();

export function currentContext(): CallContext | undefined {
  return storage.getStore();
}

export function withContext<T>(context: CallContext, work: () => T): T {
  return storage.run(context, work);
}

/**
 * For work that outlives the call it begins in. Node frees what lies under a connection's streams only with the whole
 * heap, and whatever context they were made in stays with them until then.
 */
export const outsideOfCalls = AsyncLocalStorage.snapshot();

/** Nobody: what a service does of its own accord. */
export function noCaller(service: string): Caller {
  return {
    userId: '',
    sessionId: '',
    scopes: [],
    rolesVersion: 0n,
    service,
    requestId: '',
    address: '',
    userAgent: '',
    apiKeyId: '',
  };
}
