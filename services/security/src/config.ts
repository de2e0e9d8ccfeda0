import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import {
  ConfigError,
  commonVariables,
  databaseVariables,
  isProduction,
  readVariables,
  rpcVariables,
  type Secret,
  variable,
} from '@andvari/kit/base/config';
import { z } from 'zod';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  const read = readVariables(variables(env), env);
  return { ...read, AUDIT_SIGNING_KEY: read.AUDIT_SIGNING_KEY ?? developmentKey(read.CALLER_KEY) };
}

/** All that the service reads, by name. */
export function variables(env: NodeJS.ProcessEnv) {
  return {
    ...commonVariables,
    ...rpcVariables(8082, env),
    ...databaseVariables(),
    /** Where NATS is; several hosts with commas between. */
    NATS_URL: variable.secretUrl('nats', 'tls'),
    /** Signs the checkpoints of the audit trail. Outside production one is derived where none is given. */
    AUDIT_SIGNING_KEY: isProduction(env) ? ed25519PrivateKey() : ed25519PrivateKey().optional(),
    /** Public keys that signed earlier checkpoints. */
    AUDIT_RETIRED_KEYS: ed25519PublicKeys().default([]),
    /** A checkpoint is signed when so many rows have been added since the last. */
    AUDIT_CHECKPOINT_ROWS: variable.wholeNumber(1, 1_000_000).default(1000),
    /** Rows that are fewer than that are signed after this long. */
    AUDIT_CHECKPOINT_MS: variable.milliseconds().default(60_000),
    /** Signs the end of the trail as it stands, once, at the start: after an upgrade, or when a finding was looked into. */
    AUDIT_ADOPT_HEAD: variable.flag().default(!isProduction(env)),
    /** Every report of the engine as well; what became of the money is in the ledger's events anyway. */
    AUDIT_EXECUTIONS: variable.flag().default(false),
    /** How often grants that have run out are ended. */
    ROLE_SWEEP_MS: variable.milliseconds().default(1000),
  };
}

function ed25519PrivateKey() {
  return parsed('an Ed25519 private key as PEM, or its seed of 32 bytes in base64', (value) =>
    value.includes('-----BEGIN') ? createPrivateKey(value) : privateKeyOf(Buffer.from(value, 'base64')),
  );
}

function ed25519PublicKeys() {
  return parsed('Ed25519 public keys of 32 bytes in base64, with commas between', (value) =>
    value.split(',').map((key) => publicKeyOf(Buffer.from(key, 'base64'))),
  );
}

/** Where nobody sets a key: always the same one for the same installation. */
function developmentKey(callerKey: Secret | undefined): KeyObject {
  if (callerKey === undefined)
    throw new ConfigError(['  AUDIT_SIGNING_KEY: missing; should be an Ed25519 private key']);
  return privateKeyOf(Buffer.from(hkdfSync('sha256', callerKey.reveal(), '', 'andvari audit signing key', KEY_BYTES)));
}

const KEY_BYTES = 32;
/** What DER writes before the bytes of such a key (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

function privateKeyOf(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyOf(bytes: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, bytes]), format: 'der', type: 'spki' });
}

/** A text that `read` makes keys of; what it is not is never repeated. */
function parsed<T extends KeyObject | KeyObject[]>(what: string, read: (value: string) => T) {
  return z.string({ error: what }).transform((value, context): T => {
    try {
      const keys = read(value);
      if ([keys].flat().every((key) => key.asymmetricKeyType === 'ed25519')) return keys;
    } catch {
      // Falls through: it is not what is wanted.
    }
    context.addIssue({ code: 'custom', message: what });
    return z.NEVER;
  });
}
