import { type EventStream, openEventStream } from '@andvari/gateway/testing/event-stream';
import { handshake } from '@andvari/gateway/testing/handshake';
import { parsed, type Witness } from './witness.ts';

/** What a browser does for the page: keeps cookies and says where a request comes from. */
export class Browser {
  readonly #url: string;
  readonly #witness: Witness;
  readonly #headers: Record<string, string>;
  readonly #cookies = new Map<string, string>();

  constructor(url: string, witness: Witness, headers: Record<string, string> = {}) {
    this.#url = url;
    this.#witness = witness;
    this.#headers = headers;
  }

  /** Another tab with the same cookies, from now on its own. */
  copy(): Browser {
    const other = new Browser(this.#url, this.#witness, this.#headers);
    for (const [name, value] of this.#cookies) other.#cookies.set(name, value);
    return other;
  }

  /** The same person at another address, or with another way to show who they are. */
  with(headers: Record<string, string>): Browser {
    const other = new Browser(this.#url, this.#witness, { ...this.#headers, ...headers });
    for (const [name, value] of this.#cookies) other.#cookies.set(name, value);
    return other;
  }

  /** The same person at another gateway. */
  at(url: string): Browser {
    const other = new Browser(url, this.#witness, this.#headers);
    for (const [name, value] of this.#cookies) other.#cookies.set(name, value);
    return other;
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  /** All that a request carries; what a page gives goes before what the browser would. */
  headersWith(more: Record<string, string> = {}): Record<string, string> {
    return {
      'content-type': 'application/json',
      'user-agent': 'Andvari-e2e/1.0 (one of a kind)',
      'sec-fetch-site': 'same-origin',
      'x-andvari-csrf': '1',
      ...(this.#cookies.size === 0 ? {} : { cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; ') }),
      ...this.#headers,
      ...more,
    };
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const raw = body instanceof Uint8Array ? new Uint8Array(body) : typeof body === 'string' ? body : undefined;
    return this.#send(path, { method: 'POST', body: raw ?? JSON.stringify(body) }, headers, body);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#send(path, { method: 'GET' }, headers, undefined);
  }

  async ask(
    query: string,
    variables: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const answer = await this.post('/graphql', { query, variables }, headers);
    const { data, errors } = (answer.json ?? {}) as { data?: Reply['data'] | null; errors?: Reply['errors'] };
    return { ...answer, data: data ?? {}, errors: errors ?? [] };
  }

  /** A subscription as an event stream. */
  async subscribe(query: string, more: Record<string, string> = {}): Promise<EventStream> {
    const headers = this.headersWith(more);
    this.#witness.sent(headers, {});
    const stream = await openEventStream(`${this.#url}/graphql`, { query }, headers);
    this.#witness.streaming(stream.received);
    return stream;
  }

  /** The status with which a WebSocket is opened or refused. */
  async openSocket(headers: Record<string, string> = {}): Promise<number> {
    return (await handshake(`${this.#url}/graphql`, this.headersWith(headers))).status;
  }

  async #send(path: string, init: RequestInit, more: Record<string, string>, body: unknown): Promise<Answer> {
    const headers = this.headersWith(more);
    this.#witness.sent(headers, body);
    const response = await fetch(this.#url + path, { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    const text = await response.text();
    this.#witness.answered(response.headers, text);
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }

  #keep(header: string): void {
    const [pair = ''] = header.split(';');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    const value = pair.slice(equals + 1);
    if (value === '' || /max-age=0\b/i.test(header)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
}

export interface Reply extends Answer {
  // The shape follows from the query; a test states what it expects of it.
  data: Record<string, unknown>;
  errors: { message: string; extensions?: Record<string, unknown> }[];
}
