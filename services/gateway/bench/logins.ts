import { randomBytes } from 'node:crypto';
import { openLoop } from '@andvari/bench/open-loop';
import { median } from '@andvari/bench/samples';
import { createDatabase, startService } from '@andvari/bench/service-process';
import { printTable } from '@andvari/bench/table';
import { Secret } from '@andvari/kit/base/config';
import { openLog } from '@andvari/kit/observe/log';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { Scope } from '@andvari/kit/process/scope';
import { connectRpc } from '@andvari/kit/rpc/client';
import { eventually } from '@andvari/kit/testing/eventually';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import type { TestInfra } from '@andvari/servers/test-infra';
import { ACCESS_COOKIE } from '../src/identity/cookies.ts';
import { CALLER_KEY } from '../test/fake-service.ts';

const LOGINS_PER_SECOND = 50;
const READS_PER_SECOND = 500;
/** So many read, and as many others sign in: who signs in again and again loses the oldest of their sessions. */
const PEOPLE = 8;
const PASSWORD = 'a long word to remember';

/**
 * What readers feel of others who sign in: reads at a steady rate without and with sign-ins beside them, in turns. The real
 * auth service checks the passwords, with its database; everything shares the two processors.
 */
export async function measureLogins(options: {
  infra: TestInfra;
  /** Starts a gateway with this auth service behind it; returns where it listens. */
  startGateway: (authAddress: string) => Promise<number>;
  rounds: number;
  roundMs: number;
}): Promise<Record<string, number>> {
  const { infra, startGateway, rounds, roundMs } = options;
  const scope = new Scope(openLog('bench', 'warn'));
  const auth = await startService('auth', {
    POSTGRES_URL: await createDatabase(infra.postgresUrl, 'bench_auth'),
    NATS_URL: infra.natsUrl,
    CALLER_KEY,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    MAIL_KEY: randomBytes(32).toString('hex'),
  });
  try {
    const people = await register(scope, auth.address);
    const [readers, comers] = [people.slice(0, PEOPLE), people.slice(PEOPLE)];
    const url = `http://127.0.0.1:${await startGateway(auth.address)}`;
    let next = 0;
    let refused = 0;
    let refusedBefore = 0;
    const signIn = async (): Promise<void> => {
      if ((await login(url, comers[next++ % PEOPLE] ?? '')) === undefined) refused += 1;
    };
    const tokens = await Promise.all(readers.map((email) => login(url, email)));
    const read = () => readMe(url, tokens[next++ % PEOPLE] ?? '');
    const reads = { perSecond: READS_PER_SECOND, durationMs: roundMs };
    const logins = { perSecond: LOGINS_PER_SECOND, durationMs: roundMs };
    await Promise.all([openLoop(reads, read), openLoop(logins, signIn)]);

    refused = 0;
    const rows: number[][] = [];
    for (let round = 0; round < rounds; round += 1) {
      const alone = await openLoop(reads, read);
      refusedBefore = refused;
      const startedAt = performance.now();
      const [beside, signedIn] = await Promise.all([openLoop(reads, read), openLoop(logins, signIn)]);
      const seconds = (performance.now() - startedAt) / 1000;
      const p99 = [alone, beside].map(({ latencyMs }) => latencyMs.percentile(0.99));
      rows.push([...p99, (signedIn.calls - refused + refusedBefore) / seconds, signedIn.latencyMs.percentile(0.5)]);
    }
    printTable(['read p99 ms, alone', 'beside sign-ins', 'sign-ins/s', 'their p50 ms'], rows);
    return {
      logins_per_s: Math.round(median(rows.map(([, , perSecond]) => perSecond ?? 0))),
      logins_refused: refused,
      login_p50_ms: rounded(median(rows.map((row) => row[3] ?? 0))),
      read_p99_alone_ms: rounded(median(rows.map(([alone]) => alone ?? 0))),
      read_p99_under_logins_ms: rounded(median(rows.map(([, beside]) => beside ?? 0))),
      read_p99_under_logins_ratio: rounded(median(rows.map(([alone, beside]) => (beside ?? 0) / (alone ?? 0)))),
    };
  } finally {
    await auth.stop();
    await scope.close();
  }
}

/** People with an account whose address is proven; returns their addresses. */
async function register(scope: Scope, address: string): Promise<string[]> {
  const auth = connectRpc(scope, AuthServiceService, {
    address,
    service: 'bench',
    callerKey: new Secret(CALLER_KEY),
    metrics: openMetrics('bench', { runtime: false }),
    idempotent: [],
  });
  const emails = Array.from({ length: 2 * PEOPLE }, (_, i) => `person-${i}@example.com`);
  for (const email of emails) {
    const client = { address: '127.0.0.1', userAgent: 'bench' };
    await auth.register({ email, password: PASSWORD, givenName: 'Ada', familyName: 'Byron', locale: 'en', client });
    const token = await eventually(async () => {
      const { mails } = await auth.listDevelopmentMail({ to: email, page: { first: 1, after: '' } });
      const found = /token=([\w-]+)/.exec(mails[0]?.body ?? '')?.[1];
      if (found === undefined) throw new Error(`no mail for ${email}`);
      return found;
    });
    await auth.verifyEmail({ token });
  }
  return emails;
}

/** The access token; undefined where too many were waiting for their password to be checked. */
async function login(url: string, email: string): Promise<string | undefined> {
  const response = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-andvari-csrf': '1' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const text = await response.text();
  if (response.status === 429) return undefined;
  const cookie = response.headers.getSetCookie().find((each) => each.startsWith(`${ACCESS_COOKIE}=`));
  if (!response.ok || cookie === undefined) throw new Error(`a sign-in ended with ${response.status}: ${text}`);
  return cookie.slice(ACCESS_COOKIE.length + 1, cookie.indexOf(';'));
}

async function readMe(url: string, token: string): Promise<void> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ me { userId email givenName familyName } }' }),
  });
  const text = await response.text();
  if (!response.ok || text.includes('"errors"')) throw new Error(`a read ended with ${response.status}: ${text}`);
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
