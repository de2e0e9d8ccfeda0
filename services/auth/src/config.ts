import { availableParallelism } from 'node:os';
import {
  commonVariables,
  databaseVariables,
  isProduction,
  readVariables,
  rpcVariables,
  variable,
} from '@andvari/kit/base/config';
import { z } from 'zod';
import { ACCESS_TOKEN_US, type Policy } from './domain/policy.ts';

export type Config = ReturnType<typeof readConfig>;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export function readConfig(env: NodeJS.ProcessEnv) {
  const read = readVariables(variables(env), env);
  return { ...read, HASH_CONCURRENCY: read.HASH_CONCURRENCY ?? spareCores() };
}

/** All that the service reads, by name. */
export function variables(env: NodeJS.ProcessEnv) {
  return {
    ...commonVariables,
    ...rpcVariables(8081, env),
    ...databaseVariables(),
    /** Where NATS is; several hosts with commas between. */
    NATS_URL: variable.secretUrl('nats', 'tls'),
    /** Seals the private signing keys and the secrets of second factors in the database. */
    KEY_ENCRYPTION_KEY: variable.secret(32),
    /** The one before, while something sealed with it is still in use. */
    KEY_ENCRYPTION_KEY_PREVIOUS: variable.secret(32).optional(),
    /** Seals the tokens of mails on their way to the mailer, who has it too and nobody else. */
    MAIL_KEY: variable.secret(32),
    /** Where links in mails lead: to the pages that people see. Only a developer's can be guessed. */
    PUBLIC_URL: isProduction(env) ? publicUrl() : publicUrl().default('http://127.0.0.1:8080'),

    /** What a hash of a password takes of memory, in KiB. Raised, the old hashes are made anew as people sign in. */
    ARGON2_MEMORY_KIB: variable.wholeNumber(8192, 1_048_576).default(19_456),
    /** How often a hash goes over that memory. */
    ARGON2_PASSES: variable.wholeNumber(1, 20).default(2),
    /** How many threads one hash may use. */
    ARGON2_LANES: variable.wholeNumber(1, 8).default(1),
    /** Hashes at a time. Without it one less than there are cores, from 1 to 3: one stays free for everybody else, and threads of libuv. */
    HASH_CONCURRENCY: variable.wholeNumber(1, 64).optional(),
    /** Hashes that wait, in all. Those beyond are turned away. */
    LOGIN_QUEUE: variable.wholeNumber(0, 10_000).default(128),
    /** Hashes that wait for one address. */
    LOGIN_QUEUE_PER_ADDRESS: variable.wholeNumber(0, 10_000).default(64),

    /** Wrong passwords for one account before it is locked for a while; as many wrong codes of a second factor. */
    LOCKOUT_ACCOUNT_FREE: variable.wholeNumber(1, 1000).default(5),
    /** Wrong passwords from one address before it is locked for a while. */
    LOCKOUT_ADDRESS_FREE: variable.wholeNumber(1, 1_000_000).default(30),
    /** How long the first lock lasts; each one after it is twice as long. */
    LOCKOUT_FIRST_DELAY_MS: variable.milliseconds().default(30_000),
    /** How long a lock lasts at most; that of a second factor's codes grows to a day. */
    LOCKOUT_MAX_DELAY_MS: variable.milliseconds().default(15 * MINUTE_MS),

    /** How long a session lives that nobody uses. */
    SESSION_IDLE_MS: variable.milliseconds(1, 365 * DAY_MS).default(7 * DAY_MS),
    /** How long a session lives at most, however it is used. */
    SESSION_ABSOLUTE_MS: variable.milliseconds(1, 365 * DAY_MS).default(30 * DAY_MS),
    /** How long a spent refresh token still leads to its successor, for a second tab. */
    REFRESH_GRACE_MS: variable.milliseconds(0, MINUTE_MS).default(10_000),
    /** How long a key signs access tokens before the next one does. */
    SIGNING_KEY_ROTATE_MS: variable.milliseconds(1, 365 * DAY_MS).default(30 * DAY_MS),
  };
}

/** One core is for everybody else, and of libuv's four threads one for the rest of the service. */
function spareCores(): number {
  return Math.max(1, Math.min(availableParallelism(), 4) - 1);
}

/** Without a slash at its end, so that paths can be put behind it. */
function publicUrl() {
  const what = 'a URL like https://andvari.example';
  return z
    .string({ error: what })
    .refine((text) => URL.canParse(text) && /^https?:/.test(text), what)
    .transform((text) => text.replace(/\/+$/, ''));
}

/** The rules' numbers, in the rules' units. */
export function policyOf(config: Config): Policy {
  const lockout = { firstDelayUs: us(config.LOCKOUT_FIRST_DELAY_MS), maxDelayUs: us(config.LOCKOUT_MAX_DELAY_MS) };
  return {
    sessions: {
      idleUs: us(config.SESSION_IDLE_MS),
      absoluteUs: us(config.SESSION_ABSOLUTE_MS),
      graceUs: us(config.REFRESH_GRACE_MS),
    },
    accountLockout: { ...lockout, free: config.LOCKOUT_ACCOUNT_FREE, forgetAfterUs: us(DAY_MS) },
    // Behind one address there may be a whole office: more is free, and sooner forgotten.
    addressLockout: {
      ...lockout,
      free: config.LOCKOUT_ADDRESS_FREE,
      forgetAfterUs: us(Math.max(60 * MINUTE_MS, config.LOCKOUT_MAX_DELAY_MS)),
    },
    // There are only a million codes: whoever knows the password gets a guess a day in the end, and a day's rest earns no new ones.
    factorLockout: {
      ...lockout,
      free: config.LOCKOUT_ACCOUNT_FREE,
      maxDelayUs: us(DAY_MS),
      forgetAfterUs: us(30 * DAY_MS),
    },
    keys: {
      rotateEveryUs: us(config.SIGNING_KEY_ROTATE_MS),
      publishAheadUs: us(Math.min(5 * MINUTE_MS, config.SIGNING_KEY_ROTATE_MS)),
      overlapUs: ACCESS_TOKEN_US + us(MINUTE_MS),
    },
  };
}

function us(ms: number): bigint {
  return BigInt(ms) * 1000n;
}
