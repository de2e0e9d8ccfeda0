/**
 * Sees everything that goes over the wire in an end-to-end test, and says at its end what was said too loud: something
 * confidential in a log, or something of our insides in an answer.
 */
export class Witness {
  readonly #confidential = new Set<string>();
  readonly #answers: string[] = [];
  readonly #streams: (readonly unknown[])[] = [];

  /** Never to stand in a log. What is shorter than this stands everywhere by chance. */
  keep(value: string): void {
    if (value.length >= MIN_LENGTH) this.#confidential.add(value);
  }

  sent(headers: Readonly<Record<string, string>>, body: unknown): void {
    for (const [name, value] of Object.entries(headers)) {
      if (name === 'cookie') for (const pair of value.split('; ')) this.keep(valueOf(pair));
      if (confidentialHeaders.has(name)) this.keep(value.replace(/^Bearer /, ''));
    }
    this.#keepMembers(body);
  }

  answered(headers: Headers, text: string): void {
    for (const cookie of headers.getSetCookie()) this.keep(valueOf(cookie.split(';')[0] ?? ''));
    this.#answers.push(`${[...headers].map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n${text}`);
    this.#keepMembers(parsed(text));
  }

  /** What a stream has brought, and will have by the end. */
  streaming(received: readonly unknown[]): void {
    this.#streams.push(received);
  }

  get seen(): { confidential: number; answers: number } {
    return { confidential: this.#confidential.size, answers: this.#answers.length };
  }

  /** What of all that is confidential stands in this log, in whatever clothes. */
  leaksIn(log: string): string[] {
    const haystack = log.toLowerCase();
    return [...this.#confidential].filter((value) =>
      clothesOf(value).some((clothed) => haystack.includes(clothed.toLowerCase())),
    );
  }

  /** What answers tell of how we are made. */
  indiscretions(): string[] {
    const all = [...this.#answers, ...this.#streams.map((received) => JSON.stringify(received))];
    return all.flatMap((answer) =>
      Object.entries(insides).flatMap(([what, pattern]) => {
        const found = pattern.exec(answer);
        return found === null
          ? []
          : [`${what} in an answer: ${answer.slice(Math.max(0, found.index - 200), found.index + 200)}`];
      }),
    );
  }

  #keepMembers(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'string' && confidentialMembers.has(name)) this.keep(member);
      else this.#keepMembers(member);
    }
  }
}

const MIN_LENGTH = 6;

const confidentialHeaders = new Set(['authorization', 'x-api-key-secret', 'x-forwarded-for', 'user-agent']);
const confidentialMembers = new Set([
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'secret',
  'challenge',
  'recoveryCode',
  'email',
  'phone',
  'givenName',
  'familyName',
]);

const insides: Record<string, RegExp> = {
  'a stack': /\bat [^"\n]{1,200}:\d+:\d+\)?(?:\\n|\n|"|$)|\bnode:internal|\/node_modules\/|\/src\/[\w/-]+\.ts/,
  SQL: /\bselect\b.{1,200}\bfrom\b|\binsert into\b|\bdelete from\b|\bupdate "?\w+"? set\b/is,
  'a complaint of the database': /violates \w+|duplicate key|syntax error at or near|relation "\w+"|\bpg_\w+/i,
  'an address of ours': /\bECONN\w+|\b127\.0\.0\.1:\d+|\b(?:postgres(?:ql)?|nats|redis):\/\//,
  'a service behind': /\b\w+Service\b|\bgrpc\b/i,
};

/** A value as it is, inside JSON, and inside a URL. */
function clothesOf(value: string): string[] {
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)];
}

function valueOf(pair: string): string {
  return pair.slice(pair.indexOf('=') + 1);
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
