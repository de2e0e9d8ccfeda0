/** What a browser does for the page: keeps cookies and says where a request comes from. */
export class Browser {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #cookies = new Map<string, string>();

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  /** Another tab with the same cookies, from now on its own. */
  copy(): Browser {
    const other = new Browser(this.#url, this.#headers);
    for (const [name, value] of this.#cookies) other.#cookies.set(name, value);
    return other;
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.#url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'sec-fetch-site': 'same-origin',
        'x-andvari-csrf': '1',
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...this.#headers,
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    const text = await response.text();
    return { status: response.status, text, json: parsed(text) };
  }

  async ask(
    query: string,
    variables: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const { status, json } = await this.post('/graphql', { query, variables }, headers);
    const { data, errors } = (json ?? {}) as { data?: Record<string, never> | null; errors?: Reply['errors'] };
    return { status, data: data ?? {}, errors: errors ?? [] };
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
  text: string;
  json: unknown;
}

export interface Reply {
  status: number;
  // The shape follows from the query; a test states what it expects of it.
  data: Record<string, never>;
  errors: { message: string; extensions?: Record<string, unknown> }[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
