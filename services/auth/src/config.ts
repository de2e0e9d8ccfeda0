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
  return readVariables(
    {
      ...commonVariables,
      ...rpcVariables(8081, env),
      ...databaseVariables(),
      NATS_URL: variable.secretUrl('nats', 'tls'),
      /** Seals the private signing keys in the database. */
      KEY_ENCRYPTION_KEY: variable.secret(32),
      /** The one before, while keys sealed with it are still in use. */
      KEY_ENCRYPTION_KEY_PREVIOUS: variable.secret(32).optional(),
      /** Seals the tokens of mails on their way to the mailer, who has it too and nobody else. */
      MAIL_KEY: variable.secret(32),
      /** Where links in mails lead: to the pages that people see. Only a developer's can be guessed. */
      PUBLIC_URL: isProduction(env) ? publicUrl() : publicUrl().default('http://127.0.0.1:8080'),

      ARGON2_MEMORY_KIB: variable.wholeNumber(8192, 1_048_576).default(19_456),
      ARGON2_PASSES: variable.wholeNumber(1, 20).default(2),
      ARGON2_LANES: variable.wholeNumber(1, 8).default(1),
      /** Hashes at a time. One core stays free for everybody else, and threads of libuv for the rest of the service. */
      HASH_CONCURRENCY: variable.wholeNumber(1, 64).default(Math.max(1, Math.min(availableParallelism(), 4) - 1)),
      /** Hashes that wait, in all and for one address. */
      LOGIN_QUEUE: variable.wholeNumber(0, 10_000).default(128),
      LOGIN_QUEUE_PER_ADDRESS: variable.wholeNumber(0, 10_000).default(64),

      LOCKOUT_ACCOUNT_FREE: variable.wholeNumber(1, 1000).default(5),
      LOCKOUT_ADDRESS_FREE: variable.wholeNumber(1, 1_000_000).default(30),
      LOCKOUT_FIRST_DELAY_MS: variable.milliseconds().default(30_000),
      LOCKOUT_MAX_DELAY_MS: variable.milliseconds().default(15 * MINUTE_MS),

      SESSION_IDLE_MS: variable.milliseconds(1, 365 * DAY_MS).default(7 * DAY_MS),
      SESSION_ABSOLUTE_MS: variable.milliseconds(1, 365 * DAY_MS).default(30 * DAY_MS),
      REFRESH_GRACE_MS: variable.milliseconds(0, MINUTE_MS).default(10_000),
      SIGNING_KEY_ROTATE_MS: variable.milliseconds(1, 365 * DAY_MS).default(30 * DAY_MS),
    },
    env,
  );
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
