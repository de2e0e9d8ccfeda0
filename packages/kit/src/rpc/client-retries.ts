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
