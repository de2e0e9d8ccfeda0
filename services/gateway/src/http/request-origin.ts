import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressGroup } from '@andvari/kit/base/address';
import type { CallContext } from '@andvari/kit/base/context';
import { newTraceparent, traceIdOf } from '@andvari/kit/observe/tracing';
import { callerOf, type Origin } from '../identity/caller-of.ts';
import { anonymous, type Viewer } from '../identity/viewer.ts';
import { clientAddress, plain, type TrustedProxies } from './client-address.ts';

/** A request as it came in: from where, and under which ids everything that follows from it goes. */
export interface RequestOrigin extends Origin {
  readonly requestId: string;
  readonly addressGroup: string;
  readonly traceparent: string;
}

const MAX_USER_AGENT = 256;

export function requestOriginOf(request: IncomingMessage, trustedProxies: TrustedProxies): RequestOrigin {
  const address = clientAddress(request, trustedProxies);
  return {
    requestId: randomUUID(),
    address,
    addressGroup: addressGroup(address),
    userAgent: (request.headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT),
    traceparent: traceparentOf(request, trustedProxies),
  };
}

/** Only a proxy of ours begins traces for us: anybody else could fill them at will. */
function traceparentOf(request: IncomingMessage, trustedProxies: TrustedProxies): string {
  const given = request.headers['traceparent'];
  if (typeof given !== 'string' || traceIdOf(given) === undefined) return newTraceparent();
  return trustedProxies.has(plain(request.socket.remoteAddress ?? '')) ? given : newTraceparent();
}

/** What the services called on the way get to know. The signal is made only for those who ask for it. */
export class RequestContext implements CallContext {
  readonly requestId: string;
  readonly traceparent: string;
  readonly caller: CallContext['caller'];
  readonly deadline: number;
  #response: ServerResponse | undefined;
  #signal: AbortSignal | undefined;

  constructor(requestOrigin: RequestOrigin, viewer: Viewer, deadline: number, response?: ServerResponse) {
    this.requestId = requestOrigin.requestId;
    this.traceparent = requestOrigin.traceparent;
    this.caller = callerOf(viewer, requestOrigin);
    this.deadline = deadline;
    this.#response = response;
  }

  /** Once the answer is out. Contexts live on with what was made in them; the request need not live as long. */
  answered(): void {
    this.#response = undefined;
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const hangUp = new AbortController();
      this.#response?.once('close', () => hangUp.abort());
      if (this.#response?.destroyed === true) hangUp.abort();
      this.#signal = hangUp.signal;
    }
    return this.#signal;
  }
}

/** Nobody's request: for the gateway's own questions, and before it is known whose it is. */
export function anonymousContext(requestOrigin: RequestOrigin, timeoutMs: number): RequestContext {
  return new RequestContext(requestOrigin, anonymous, Date.now() + timeoutMs);
}
