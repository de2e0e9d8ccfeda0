import { setTimeout as pause } from 'node:timers/promises';

/** The public API as somebody outside sees it: nothing here knows more than a stranger's program would. */
export interface Session {
  ask<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
}

const JSON_HEADERS = { 'content-type': 'application/json', 'x-andvari-csrf': '1' };
const TIMEOUT_MS = 10_000;

/** What the API refused, in its own words. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(`${message} (${code})`);
    this.name = 'Refused';
    this.code = code;
  }
}

/** Ends the process with a word on what to do when nothing answers there: a stack would tell a newcomer nothing. */
export async function expectRunning(url: string): Promise<void> {
  try {
    await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    console.error(
      `Nothing answers at ${url}. Start it in another terminal: make up (ANDVARI_URL names one elsewhere).`,
    );
    process.exit(1);
  }
}

/** Signs in, and up where there is nobody of that address yet; mails are read where development shows them. */
export async function signIn(url: string, person: Person): Promise<Session> {
  const { email, password, name, address } = person;
  const headers = headersFrom(address);
  const login = () => post(url, '/auth/login', { email, password }, headers);
  let answer = await login();
  // Nobody of that name, or nobody who has proven it. Who is away or full has said nothing of that.
  if (answer.status === 401 || answer.status === 409) {
    await expectOk(
      await post(
        url,
        '/auth/register',
        { email, password, givenName: name, familyName: 'Demo', locale: 'en' },
        headers,
      ),
      'register',
    );
    await expectOk(await post(url, '/auth/verify-email', { token: await mailTo(url, email) }, headers), 'verify-email');
    answer = await login();
  }
  await expectOk(answer, 'login');
  const cookie = answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  return asking(url, { ...headers, cookie });
}

export interface Person {
  email: string;
  password: string;
  name: string;
  /** Where the request is said to come from; a gateway believes it of proxies that it trusts, and of nobody else. */
  address?: string | undefined;
}

function headersFrom(address: string | undefined): Record<string, string> {
  return address === undefined ? JSON_HEADERS : { ...JSON_HEADERS, 'x-forwarded-for': address };
}

/** Whether somebody of that address and password has signed up. */
export async function isKnown(url: string, { email, password }: { email: string; password: string }): Promise<boolean> {
  return (await post(url, '/auth/login', { email, password })).ok;
}

/** A bot’s way in. */
export function withApiKey(url: string, key: { id: string; secret: string }): Session {
  return asking(url, { 'content-type': 'application/json', 'x-api-key-id': key.id, 'x-api-key-secret': key.secret });
}

function asking(url: string, headers: Record<string, string>): Session {
  return {
    async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const { data, errors } = (await response.json()) as { data?: T; errors?: GraphqlError[] };
      const [error] = errors ?? [];
      if (error !== undefined) throw new Refused(error.extensions?.code ?? String(response.status), error.message);
      if (data === undefined) throw new Refused(String(response.status), 'no answer');
      return data;
    },
  };
}

interface GraphqlError {
  message: string;
  extensions?: { code?: string };
}

/** Signing many people up meets the limit of sign-ins of an address: it says when to come again. */
async function post(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = JSON_HEADERS,
  triesLeft = 10,
): Promise<Response> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    signal,
  });
  if (response.status !== 429 || triesLeft === 0) return response;
  await pause(1000 * Number(response.headers.get('retry-after') ?? '1'));
  return post(url, path, body, headers, triesLeft - 1);
}

async function expectOk(response: Response, what: string): Promise<void> {
  if (!response.ok) throw new Refused(String(response.status), `${what}: ${(await response.text()).slice(0, 200)}`);
}

/** The one-time token of the newest mail to this address. */
async function mailTo(url: string, email: string): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const headers = { accept: 'application/json' };
    const mails = (await (await fetch(`${url}/auth/mailbox?to=${encodeURIComponent(email)}`, { headers })).json()) as {
      body: string;
    }[];
    const token = /token=([\w-]{20,})/.exec(mails[0]?.body ?? '')?.[1];
    if (token !== undefined) return token;
    await pause(100);
  }
  throw new Error(`no mail to ${email}: the demo needs the mailbox that only development has`);
}
