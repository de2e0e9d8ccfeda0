import { isIP } from 'node:net';
import { join } from 'node:path';
import { callerVariables, commonVariables, readVariables, variable } from '@andvari/kit/base/config';
import { z } from 'zod';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  return readVariables(variables(env), env);
}

/** All that the service reads, by name. */
export function variables(env: NodeJS.ProcessEnv) {
  return {
    ...commonVariables,
    /** The port that the world calls. 0 takes a free one. */
    HTTP_PORT: variable.port().default(8080),
    /** The port of /livez, /readyz and /metrics. */
    ADMIN_PORT: variable.port().default(9080),
    ...callerVariables(env),
    /** A folder with ca.pem, cert.pem and key.pem turns on mutual TLS between services. */
    TLS_DIR: variable.tlsFolder().optional(),
    /** Where NATS is; several hosts with commas between. */
    NATS_URL: variable.secretUrl('nats', 'tls'),
    /** Where Redis is. */
    REDIS_URL: variable.secretUrl('redis', 'rediss'),

    /** Where auth is. */
    AUTH_ADDR: variable.address().default('127.0.0.1:8081'),
    /** Where security is. */
    SECURITY_ADDR: variable.address().default('127.0.0.1:8082'),
    /** Where user is. */
    USER_ADDR: variable.address().default('127.0.0.1:8083'),
    /** Where stock is. */
    STOCK_ADDR: variable.address().default('127.0.0.1:8084'),
    /** Where order is. */
    ORDER_ADDR: variable.address().default('127.0.0.1:8085'),
    /** Where portfolio is. */
    PORTFOLIO_ADDR: variable.address().default('127.0.0.1:8086'),
    /** Where the engine is. */
    ENGINE_ADDR: variable.address().default('127.0.0.1:8087'),

    /** Origins of pages that may call us besides our own: `https://app.example`, with commas between. */
    ALLOWED_ORIGINS: listOf(isOrigin, 'origins like https://app.example with commas between').default([]),
    /** Proxies before us, whose X-Forwarded-For is believed: their addresses, or a network like 10.42.0.0/16 that holds them. */
    TRUSTED_PROXIES: listOf(isAddressOrNetwork, 'IP addresses or networks with commas between').default([]),

    /**
     * Requests a minute that are let through in the long run; a tenth of a minute's worth at once. A page to trade on is
     * worth some 90 when it opens, because large answers count as several.
     */
    LIMIT_PER_USER: variable.wholeNumber(1, 100_000_000).default(3000),
    /** The same for an API key. */
    LIMIT_PER_API_KEY: variable.wholeNumber(1, 100_000_000).default(1200),
    /** The same for an address. */
    LIMIT_PER_ADDRESS: variable.wholeNumber(1, 100_000_000).default(6000),
    /** Sign-ins, registrations and the like a minute from one address; all of them at once if need be. */
    LIMIT_LOGINS_PER_ADDRESS: variable.wholeNumber(1, 100_000_000).default(20),
    /** Event streams and sockets that a user may have open at a time. */
    MAX_CONNECTIONS_PER_USER: variable.wholeNumber(1, 100_000).default(50),
    /** Event streams and sockets that may be open at a time from one address. */
    MAX_CONNECTIONS_PER_ADDRESS: variable.wholeNumber(1, 100_000).default(500),
    /** How long a socket may stay that does not say who it is. */
    ANONYMOUS_SOCKET_MS: variable.milliseconds().default(30_000),
    /** Of a query, in fields, each counted as often as its lists may repeat it. */
    MAX_COST: variable.wholeNumber(1, 1_000_000).default(5000),
    /** How long a request may take, with all the calls that it needs. */
    REQUEST_TIMEOUT_MS: variable.milliseconds().default(10_000),
    /** A lag of the event loop above which new requests are turned away. */
    SHED_LAG_MS: variable.milliseconds().default(250),

    /** How long an answer of security is taken for granted. */
    PERMISSIONS_FRESH_MS: variable.milliseconds().default(30_000),
    /** How much longer while security does not answer. */
    PERMISSIONS_STALE_MS: variable.milliseconds(0).default(300_000),

    /** The built web app, served on the same origin. Where nothing is said and none was built there is none. */
    WEB_DIR: variable.folderWith('index.html').default(join(import.meta.dirname, '../../../web/dist')),

    /** Lets in only the operations of PERSISTED_OPERATIONS, or of the app in WEB_DIR. */
    PERSISTED_ONLY: variable.flag().default(false),
    /** Operations known beforehand: a JSON object of SHA-256 to text. */
    PERSISTED_OPERATIONS: variable.file('a JSON file').optional(),
  };
}

function listOf(isItem: (text: string) => boolean, what: string) {
  return z
    .string({ error: what })
    .transform((text) => text.split(',').map((item) => item.trim()))
    .refine((items) => items.every(isItem), what);
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** Proxies in a cluster have another address after each start, so a network may be named. */
function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  const isWithin = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
  return family !== 0 && isWithin && rest.length === 0;
}
