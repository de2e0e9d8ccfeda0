import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { readTlsFolder, TLS_FOLDER } from './tls-folder.ts';

/**
 * Reads a service's whole configuration from the environment, or refuses with one message that names every wrong
 * variable. Keys of `shape` are the variables' names. Any variable may be given as NAME_FILE instead, naming a file that holds the value.
 */
export function readVariables<S extends z.ZodRawShape>(shape: S, env: NodeJS.ProcessEnv): z.output<z.ZodObject<S>> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(shape) as [string, z.ZodType][]) {
    const given = rawValue(name, env);
    if (given.problem !== undefined) {
      problems.push(`  ${name}: ${given.problem}`);
      continue;
    }
    const parsed = type.safeParse(given.value);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`  ${name}: ${problemOf(given.value, parsed.error)}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as z.output<z.ZodObject<S>>;
}

export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The configuration is wrong; nothing was started.\n${problems.join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** A value that prints as `[secret]` wherever it ends up; only `reveal()` gives it away. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

/** The kinds of variables there are, each with the words that say what it should be. */
export const variable = {
  port: () => wholeNumber(0, 65_535, 'a port number'),
  wholeNumber,
  /** A length of time in milliseconds. */
  milliseconds: (min = 1, max = 86_400_000) => wholeNumber(min, max, 'milliseconds'),
  text,
  /** A file that can be read. */
  file: (what: string) => looked(what, mustBeFile),
  /** A folder in which there is a file of that name. */
  folderWith: (name: string) => looked(`a folder with ${name}`, (folder) => mustBeFile(join(folder, name))),
  /** A folder with what mutual TLS needs. */
  tlsFolder: () => looked(TLS_FOLDER, readTlsFolder),
  /** An interface to listen on: an address, or a name of one. */
  host: () => {
    const what = 'an address like 0.0.0.0';
    return text(what).refine((value) => isIP(value) !== 0 || HOST_NAME.test(value), what);
  },
  oneOf: <const T extends readonly [string, ...string[]]>(values: T) =>
    z.enum(values, { error: `one of ${values.join(', ')}` }),
  flag: () => z.enum(['true', 'false'], { error: 'true or false' }).transform((value) => value === 'true'),
  /** host:port, or several with commas between. */
  address: () =>
    z
      .string({ error: 'host:port' })
      .regex(/^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/, 'host:port, or several with commas between'),
  /** A URL that may carry a password, so it never prints. */
  secretUrl: (...schemes: string[]) => {
    const what = `a URL like ${schemes[0]}://user:password@host:port`;
    return z
      .string({ error: what })
      .refine((value) => schemes.some((scheme) => value.startsWith(`${scheme}://`)) && URL.canParse(value), what)
      .transform((value) => new Secret(value));
  },
  secret: (minLength: number) => {
    const what = `a secret of at least ${minLength} characters`;
    return z
      .string({ error: what })
      .min(minLength, what)
      .transform((value) => new Secret(value));
  },
};

function text(what = 'text') {
  return z.string({ error: what }).min(1, what);
}

/** The path of something on this machine, at which `look` throws where it cannot serve. */
function looked(what: string, look: (path: string) => unknown) {
  return text(what).superRefine((path, context) => {
    try {
      look(path);
    } catch (error) {
      context.addIssue(`${what}; ${(error as Error).message}`);
    }
  });
}

function mustBeFile(path: string): void {
  if (!statSync(path).isFile()) throw new Error(`${path} is no file`);
  accessSync(path, constants.R_OK);
}

/** The last part of a name is never a number, as that of an address is. */
const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?$/i;

/** What every service reads; spread it into the service's own shape. */
export const commonVariables = {
  /** Whoever leaves it out runs in production: what opens doors for developers has to be asked for. */
  ENVIRONMENT: variable.oneOf(['development', 'test', 'production']).default('production'),
  /** The interface that all ports are on. Other machines reach a service only where this is said. */
  LISTEN_HOST: variable.host().default('127.0.0.1'),
  /** How much is logged: this level and what is worse. */
  LOG_LEVEL: variable.oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** What a stream of NATS may take of its volume, in MB; the engine's two get six times as much. The same for all services. */
  NATS_STREAM_MB: wholeNumber(16, 1_000_000, 'megabytes').default(256),
  /** Where traces are sent. Without it none are recorded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ error: 'a URL' }).optional(),
  /** The share of requests whose traces are recorded. */
  TRACE_SAMPLE_RATIO: z.coerce.number({ error: 'a ratio from 0 to 1' }).min(0).max(1).default(0.05),
};

/** For a shape whose variables depend on it; all but what says otherwise is production. */
export function isProduction(env: NodeJS.ProcessEnv): boolean {
  const { value = 'production' } = rawValue('ENVIRONMENT', env);
  return value === 'production';
}

/** What a service reads that is called over gRPC. */
export const rpcVariables = (port: number, env: NodeJS.ProcessEnv) => ({
  /** The port that other services call. 0 takes a free one. */
  GRPC_PORT: variable.port().default(port),
  /** The port of /livez, /readyz and /metrics. */
  ADMIN_PORT: variable.port().default(port + 1000),
  ...callerVariables(env),
  /** A folder with ca.pem, cert.pem and key.pem turns on mutual TLS between services. */
  TLS_DIR: variable.tlsFolder().optional(),
});

/** What a service reads that has a database. */
export const databaseVariables = (connections = 10) => ({
  /** The database of the service, which nobody else connects to. */
  POSTGRES_URL: variable.secretUrl('postgres', 'postgresql'),
  /** Of the role that owns the tables and brings them to the newest schema; without it, the one that the service runs as does. */
  POSTGRES_OWNER_URL: variable.secretUrl('postgres', 'postgresql').optional(),
  /** Connections to it, at most, of each process. */
  POSTGRES_CONNECTIONS: wholeNumber(1, 100).default(connections),
});

/** How services know each other: by a key for each two of them, or, where none is given, by one that all of them have. */
export const callerVariables = (env: NodeJS.ProcessEnv) => ({
  /** Of all services alike, for tests and one's own machine. Whoever has it may call everybody as anybody. */
  CALLER_KEY: KEYS_OF_TWO.some((name) => isGiven(name, env)) ? variable.secret(32).optional() : variable.secret(32),
  /** Who may call this service, each with the key of its tokens for it. */
  CALLERS: callersVariable().optional(),
  /** Whom this service calls, each with the key of its tokens for that one. */
  CALLEES: callersVariable().optional(),
});

const KEYS_OF_TWO = ['CALLERS', 'CALLEES'];

function isGiven(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env[name] ?? '') !== '' || env[`${name}_FILE`] !== undefined;
}

/** `gateway=<key>,order=<key>`, each key 32 bytes in base64url. */
function callersVariable() {
  const what = 'name=key, with commas between, each key 32 bytes in base64url';
  return z
    .string({ error: what })
    .regex(/^[a-z0-9-]+=[A-Za-z0-9_-]{43}(,[a-z0-9-]+=[A-Za-z0-9_-]{43})*$/, what)
    .transform((value) => {
      const pairs = value.split(',').map((pair) => pair.split('=') as [string, string]);
      return new Map(pairs.map(([name, key]) => [name, new Secret(key)] as const));
    });
}

function wholeNumber(min: number, max: number, what = 'a whole number') {
  const expected = `${what} from ${min} to ${max}`;
  return z
    .string({ error: expected })
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((value) => value >= min && value <= max, expected);
}

function rawValue(name: string, env: NodeJS.ProcessEnv): { value?: string | undefined; problem?: string } {
  const direct = env[name];
  const file = env[`${name}_FILE`];
  if (direct !== undefined && direct !== '' && file !== undefined) {
    return { problem: `given twice, as ${name} and as ${name}_FILE` };
  }
  if (file === undefined) return { value: direct === '' ? undefined : direct };
  try {
    return { value: readFileSync(file, 'utf8').trim() };
  } catch (error) {
    return { problem: `${name}_FILE cannot be read: ${(error as Error).message}` };
  }
}

/** Names what is wrong and what it should be. The value is never repeated, for it may be a secret, but as the path of something that was looked at. */
function problemOf(value: string | undefined, error: z.ZodError): string {
  const expected = error.issues[0]?.message ?? 'something else';
  return value === undefined ? `missing; should be ${expected}` : `should be ${expected}`;
}
