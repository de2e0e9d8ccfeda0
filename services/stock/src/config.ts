import { fileURLToPath } from 'node:url';
import { commonVariables, readVariables, rpcVariables, variable } from '@andvari/kit/base/config';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  return readVariables(
    {
      ...commonVariables,
      ...rpcVariables(8084),
      POSTGRES_URL: variable.secretUrl('postgres', 'postgresql'),
      POSTGRES_CONNECTIONS: variable.wholeNumber(1, 100).default(10),
      NATS_URL: variable.secretUrl('nats', 'tls'),
      REDIS_URL: variable.secretUrl('redis', 'rediss'),
      /** `always` keeps the session open day and night; `nyse` follows the exchange's calendar. */
      MARKET_HOURS: variable.oneOf(['always', 'nyse']).default('always'),
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
      SESSION_CHECK_MS: variable.milliseconds(10, 60_000).default(1000),
      /** How soon a replica knows what another has changed. */
      LISTINGS_REFRESH_MS: variable.milliseconds(10, 60_000).default(2000),
    },
    env,
  );
}
