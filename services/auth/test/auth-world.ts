import { randomBytes, randomInt } from 'node:crypto';
import { nowUs } from '@andvari/kit/base/clock';
import { transaction } from '@andvari/kit/db/db';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Log } from '@andvari/kit/observe/log';
import { Scope } from '@andvari/kit/process/scope';
import type { RpcClient } from '@andvari/kit/rpc/client';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { AuthServiceService, type ClientInfo, type Tokens } from '@andvari/proto/auth/v1/auth';
import { readConfig } from '../src/config.ts';
import { migrations, type Outside, start } from '../src/main.ts';

export type AuthClient = RpcClient<typeof AuthServiceService>;

export interface Person {
  userId: string;
  email: string;
  password: string;
  client: ClientInfo;
}

export interface AuthWorld {
  service: TestService<Awaited<ReturnType<typeof start>>>;
  /** The gateway before it knows anybody. */
  anonymous: AuthClient;
  as(userId: string, scopes?: string[]): AuthClient;
  /** Moves the service's clock; nobody waits for a limit to pass. */
  moveClock(seconds: number): void;
  /** From here on only `moveClock` moves it: for what is good for seconds. */
  stopClock(): void;
  now(): bigint;
  /** Somebody with a proved address, who has not signed in. */
  member(): Promise<Person>;
  login(person: Person, password?: string, client?: ClientInfo): Promise<Tokens>;
  /** The token in the newest mail to an address. */
  tokenMailedTo(email: string, subject: RegExp): Promise<string>;
  /** How many events of each kind about a user are in the outbox. */
  told(userId: string): Promise<Record<string, number>>;
  close(): Promise<void>;
}

export const ownRights = [
  'session:read:own',
  'session:revoke:own',
  'password:change:own',
  'api_key:create:own',
  'api_key:read:own',
  'api_key:revoke:own',
];

/** Hashing as cheap as the configuration allows, for tests about something else. */
export const cheapHashes = { ARGON2_MEMORY_KIB: '8192', ARGON2_PASSES: '1' };

/** The whole service; with several connections, so that what happens at once meets in the database. */
export async function openAuth(
  env: Record<string, string> = cheapHashes,
  { log, ...outside }: Partial<Omit<Outside, 'now'>> & { log?: Log } = {},
): Promise<AuthWorld> {
  let aheadUs = 0n;
  let stoppedAtUs: bigint | undefined;
  const now = (): bigint => (stoppedAtUs ?? nowUs()) + aheadUs;
  const service = await testService({
    readConfig,
    start(scope, config) {
      const own = log === undefined ? scope : new Scope(log);
      if (own !== scope) scope.defer('the service', () => own.close());
      return start(own, config, { ...outside, now });
    },
    migrations,
    streams: ['AUTH', 'USER', 'SECURITY'],
    env: {
      POSTGRES_CONNECTIONS: '8',
      KEY_ENCRYPTION_KEY: 'a key that only tests use, 32 characters',
      MAIL_KEY: 'a key for mails that only tests use, 32 characters',
      PUBLIC_URL: 'https://andvari.example',
      ...env,
    },
  });
  const anonymous = service.client(AuthServiceService, { userId: '' });
  const mailbox = service.client(AuthServiceService, {});

  const tokenMailedTo = (email: string, subject: RegExp): Promise<string> =>
    eventually(async () => {
      const { mails } = await mailbox.listDevelopmentMail({ to: email, page: undefined });
      const token = /token=([\w-]{43})/.exec(mails.find((mail) => subject.test(mail.subject))?.body ?? '')?.[1];
      if (token === undefined) throw new Error(`no such mail to ${email}: ${mails.map((mail) => mail.subject).join()}`);
      return token;
    });

  return {
    service,
    anonymous,
    now,
    tokenMailedTo,
    as: (userId, scopes = ownRights) => service.client(AuthServiceService, { userId, scopes, address: '198.51.100.1' }),
    moveClock(seconds) {
      aheadUs += BigInt(Math.round(seconds * 1e6));
    },
    stopClock() {
      stoppedAtUs = nowUs();
    },
    async member() {
      const person = newPerson();
      await anonymous.register(registrationOf(person));
      const { userId } = await anonymous.verifyEmail({ token: await tokenMailedTo(person.email, /Confirm/) });
      return { ...person, userId };
    },
    async login({ email, password, client }, given = password, from = client) {
      const { tokens } = await anonymous.login({ email, password: given, client: from });
      if (tokens === undefined) throw new Error('no tokens');
      return tokens;
    },
    async told(userId) {
      const rows = await service.db<{ subject: string }[]>`
        select subject from outbox where subject like ${`%.${userId}%`} order by position`;
      const counts: Record<string, number> = {};
      for (const { subject } of rows) {
        const kind = subject.slice(0, subject.indexOf(`.${userId}`));
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
      return counts;
    },
    close: () => service.close(),
  };
}

/** Nobody yet; an address and a client of their own, so that the limits of one test are not those of another. */
export function newPerson(): Person {
  const name = randomBytes(6).toString('hex');
  return {
    userId: '',
    email: `${name}@example.com`,
    password: `a long word for ${name}`,
    client: { address: newAddress(), userAgent: 'Tests/1' },
  };
}

export function newAddress(): string {
  return `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;
}

export function registrationOf({ email, password, client }: Person) {
  return { email, password, givenName: 'Ada', familyName: 'Lovelace', locale: 'en-CA', client };
}

/**
 * Makes a change that is committed only once the call has come to wait for it: the call has then seen the state of before
 * and must not act on it.
 */
export async function meanwhile<T>(
  db: Db,
  change: (tx: Tx) => Promise<unknown>,
  call: () => Promise<T>,
): Promise<PromiseSettledResult<T>> {
  let outcome: Promise<PromiseSettledResult<T>[]> = Promise.resolve([]);
  await transaction(db, async (tx) => {
    await change(tx);
    outcome = Promise.allSettled([call()]);
    await eventually(async () => {
      const waiting = await db`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      if (waiting.length === 0) throw new Error('nothing waits yet');
    });
  });
  const [settled] = await outcome;
  if (settled === undefined) throw new Error('the call was never made');
  return settled;
}
