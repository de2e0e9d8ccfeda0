import { fileURLToPath } from 'node:url';
import { commonVariables, databaseVariables, readVariables, rpcVariables, variable } from '@andvari/kit/base/config';
import { z } from 'zod';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  return readVariables(variables(env), env);
}

/** All that the service reads, by name. */
export function variables(env: NodeJS.ProcessEnv) {
  const providers = (env['MARKET_DATA'] ?? '').split(',');
  const whereUsed = <T extends z.ZodType>(provider: string, type: T) =>
    providers.includes(provider) ? type : type.optional();
  const isPlayed = (env['MARKET_SPEED'] ?? '1') !== '1';
  const since = variable.wholeNumber(YEAR_2020_MS, Number.MAX_SAFE_INTEGER);
  return {
    ...commonVariables,
    ...rpcVariables(8084, env),
    ...databaseVariables(),
    /** Where NATS is; several hosts with commas between. */
    NATS_URL: variable.secretUrl('nats', 'tls'),
    /** Where Redis is. */
    REDIS_URL: variable.secretUrl('redis', 'rediss'),
    /** `always` keeps the session open day and night; `nyse` follows the exchange's calendar. */
    MARKET_HOURS: variable.oneOf(['always', 'nyse']).default('always'),
    /** How many minutes of the market pass in one: above 1 its days are played one upon the other, without nights. For simulated prices. */
    MARKET_SPEED: variable.wholeNumber(1, 3600).default(1),
    /** When playing began, in milliseconds since 1970; required where MARKET_SPEED is above 1. All replicas, and those started again, say the same. */
    MARKET_SPEED_SINCE: isPlayed ? since : since.optional(),
    /** Who is asked for prices, the first one first: `simulated`, `alpaca`, `fmp`, `replay`. */
    MARKET_DATA: listOf(['simulated', 'alpaca', 'fmp', 'replay']).default(['simulated']),
    /** Where Alpaca's market data is. */
    ALPACA_URL: url().default('https://data.alpaca.markets'),
    /** The key for it; required where MARKET_DATA names `alpaca`. */
    ALPACA_KEY_ID: whereUsed('alpaca', variable.secret(1)),
    /** The secret of that key; required where MARKET_DATA names `alpaca`. */
    ALPACA_SECRET_KEY: whereUsed('alpaca', variable.secret(1)),
    /** Which of Alpaca's feeds: `iex` is free, `sip` is all exchanges. */
    ALPACA_FEED: variable.oneOf(['iex', 'sip']).default('iex'),
    /** Where Financial Modeling Prep is. */
    FMP_URL: url().default('https://financialmodelingprep.com'),
    /** The key for it; required where MARKET_DATA names `fmp`. */
    FMP_KEY: whereUsed('fmp', variable.secret(1)),
    /** The recording; required where MARKET_DATA names `replay`. */
    REPLAY_FILE: whereUsed('replay', variable.file('a file of minute bars')),
    /** How many minutes of the recording pass in one. */
    REPLAY_SPEED: variable.wholeNumber(1, 10_000).default(1),
    /** Who is asked for rates of exchange, the first one first: `simulated`, `frankfurter`. */
    FX_RATES: listOf(['simulated', 'frankfurter']).default(['simulated']),
    /** Where the rates of the European Central Bank are. */
    FRANKFURTER_URL: url().default('https://api.frankfurter.dev'),
    /** How long any of these providers may take for an answer. */
    UPSTREAM_TIMEOUT_MS: variable.milliseconds(50, 30_000).default(2000),
    /** How often a provider that is a service of others is asked for quotes, and how long replicas share the answer. */
    POLL_EVERY_MS: variable.milliseconds(200, 600_000).default(5000),
    /** Of the simulated prices: another seed is another world. */
    SIMULATION_SEED: variable.text().default('andvari'),
    /** A symbol's quote is sent out at most once in this time, and only when it moved. */
    TICK_EVERY_MS: variable.milliseconds(200, 60_000).default(1000),
    /** How long a quote may be used. */
    QUOTE_TTL_MS: variable.milliseconds(1000, 600_000).default(30_000),
    /** How many partitions the engine's commands are spread over; everybody who writes commands must say the same. */
    ENGINE_PARTITIONS: variable.wholeNumber(1, 1024).default(1),
    /** What is listed at the first start. */
    INSTRUMENTS_FILE: variable.text().default(fileURLToPath(new URL('../data/instruments.csv', import.meta.url))),
    /** How often the market clock is looked at. */
    SESSION_CHECK_MS: variable.milliseconds(10, 60_000).default(1000),
    /** How soon a replica knows what another has changed. */
    LISTINGS_REFRESH_MS: variable.milliseconds(10, 60_000).default(2000),
  };
}

/** A moment in seconds would be one of 1970, and so many days would be played by now that counting them takes hours. */
const YEAR_2020_MS = Date.UTC(2020, 0, 1);

function listOf<const T extends readonly [string, ...string[]]>(names: T) {
  const what = `some of ${names.join(', ')}, with commas between`;
  return z
    .string({ error: what })
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(names, { error: what })).min(1, what));
}

function url() {
  return z.url({ error: 'a URL', protocol: /^https?$/ });
}
