import { type ServiceError, status } from '@grpc/grpc-js';
import type { OutgoingCall, Send } from './client-unary.ts';

const ATTEMPTS = 3;
const FIRST_BACKOFF_MS = 50;
/** A failure takes a token, a success gives back a fifth; nothing is sent again while half of them are missing. */
const BUDGET = 20;
const BACK_AGAIN = 0.2;

/**
 * Sends a call that got no answer again, with growing pauses and jitter, as long as its deadline and the budget allow. The
 * budget is shared by all calls to a neighbour: one in trouble does not get three times the calls.
 */
export function withRetries(send: Send, random: () => number = Math.random): Send {
  let tokens = BUDGET;

  const again = async (call: OutgoingCall, attempt: number, error: ServiceError): Promise<unknown> => {
    if (error.code !== status.UNAVAILABLE) throw error;
    tokens = Math.max(0, tokens - 1);
    const pauseMs = random() * FIRST_BACKOFF_MS * 2 ** (attempt - 1);
    const isInVain = attempt >= ATTEMPTS || tokens <= BUDGET / 2 || Date.now() + pauseMs >= call.deadline;
    if (isInVain || !(await passed(pauseMs, call.signal))) throw error;
    return attempted(call, attempt + 1);
  };

  const attempted = (call: OutgoingCall, attempt: number): Promise<unknown> =>
    send(call).then(
      (response) => {
        if (tokens < BUDGET) tokens = Math.min(BUDGET, tokens + BACK_AGAIN);
        return response;
      },
      (error: ServiceError) => again(call, attempt, error),
    );

  return (call) => attempted(call, 1);
}

/** What grpc-js says of a call that reached a connection at its end, by whether its request was written meanwhile. */
const REFUSED = new Set([
  'Stream refused by server',
  'Write error: Stream closed with error code NGHTTP2_REFUSED_STREAM',
]);
/** Each refusal is another connection's end: more than two at once are trouble of another kind. */
const REFUSALS = 2;

/**
 * Sends what a service's closing connection refused once more, on the next connection, at once and whatever the method: no
 * handler has seen it. All calls under way meet this when a connection has reached its age, so that no budget is charged.
 */
export function withRefusedSentAgain(send: Send): Send {
  const attempted = (call: OutgoingCall, refusals: number): Promise<unknown> =>
    send(call).catch((error: ServiceError) => {
      if (!wasRefused(error) || refusals >= REFUSALS) throw error;
      return attempted(call, refusals + 1);
    });
  return (call) => attempted(call, 0);
}

/** The same for a stream: one that was refused has told nothing yet. */
export async function* streamRefusedOpenedAgain(open: () => AsyncGenerator): AsyncGenerator {
  for (let refusals = 0; ; refusals += 1) {
    try {
      yield* open();
      return;
    } catch (error) {
      if (!wasRefused(error as ServiceError) || refusals >= REFUSALS) throw error;
    }
  }
}

function wasRefused(error: ServiceError): boolean {
  return error.code === status.UNAVAILABLE && REFUSED.has(error.details);
}

/** False when the caller hangs up before. */
function passed(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted === true) return Promise.resolve(false);
  return new Promise((resolve) => {
    const done = (isOver: boolean): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', hangUp);
      resolve(isOver);
    };
    const hangUp = (): void => done(false);
    const timer = setTimeout(() => done(true), ms);
    signal?.addEventListener('abort', hangUp, { once: true });
  });
}
