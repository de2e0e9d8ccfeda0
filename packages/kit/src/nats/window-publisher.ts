import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';

/** A message on its way into a stream. */
export interface Publication {
  subject: string;
  headers: MsgHdrs;
  payload: Uint8Array;
}

export interface WindowResult {
  /** Whether the stream has the message, in the order given. */
  stored: readonly boolean[];
  /** How many a stream has said no to. */
  refused: number;
  /** The first refusal, or why the wait ended. */
  error: unknown;
}

/**
 * Publishes many messages into streams at once and waits for all their acknowledgements, on one subscription and one timer.
 * The client's own `publish` makes a promise, a timer and an error object for every message, which costs more than the
 * message itself.
 */
export class WindowPublisher {
  readonly #connection: NatsConnection;
  readonly #prefix: string;
  readonly #waiting = new Map<number, { window: Window; index: number }>();
  #next = 0;

  constructor(connection: NatsConnection, inboxPrefix: string) {
    this.#connection = connection;
    this.#prefix = `${createInbox(inboxPrefix)}.`;
    connection.subscribe(`${this.#prefix}*`, {
      callback: (error, message) => {
        if (error === null) this.#answered(message);
      },
    });
  }

  publish(publications: readonly Publication[], timeoutMs: number, signal: AbortSignal): Promise<WindowResult> {
    const { promise, resolve } = Promise.withResolvers<WindowResult>();
    const first = this.#next;
    const end = (error: unknown): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      for (let token = first; token < first + publications.length; token += 1) this.#waiting.delete(token);
      resolve({ stored: window.stored, refused: window.refused, error: window.error ?? error });
    };
    const window: Window = {
      stored: Array.from({ length: publications.length }, () => false),
      open: publications.length,
      refused: 0,
      error: undefined,
      end,
    };
    const timer = setTimeout(() => end(new Error(`not acknowledged within ${timeoutMs} ms`)), timeoutMs);
    const aborted = (): void => end(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted || publications.length === 0) {
      end(signal.reason);
      return promise;
    }
    try {
      for (const [index, { subject, headers, payload }] of publications.entries()) {
        const token = this.#next;
        this.#next += 1;
        this.#waiting.set(token, { window, index });
        this.#connection.publish(subject, payload, { headers, reply: this.#prefix + token });
      }
    } catch (error) {
      end(error);
    }
    return promise;
  }

  #answered(message: Msg): void {
    const token = Number(message.subject.slice(this.#prefix.length));
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return;
    this.#waiting.delete(token);
    const { window, index } = waiting;
    const refusal = refusalIn(message);
    if (refusal === undefined) window.stored[index] = true;
    else {
      window.error ??= refusal;
      window.refused += 1;
    }
    window.open -= 1;
    if (window.open === 0) window.end(undefined);
  }
}

interface Window {
  stored: boolean[];
  open: number;
  refused: number;
  error: unknown;
  end: (error: unknown) => void;
}

/** An acknowledgement is `{"stream":…,"seq":…}`; a refusal has an error in it, and nobody at all answers with a bare 503. */
function refusalIn(message: Msg): Error | undefined {
  if (message.data.length === 0) return new Error(`no stream takes it (${message.headers?.code ?? 'no answer'})`);
  const answer = Buffer.from(message.data.buffer, message.data.byteOffset, message.data.byteLength);
  return answer.includes('"error"') ? new Error(answer.toString('utf8')) : undefined;
}
