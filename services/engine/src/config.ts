import { ConfigError, commonVariables, readVariables, rpcVariables, variable } from '@andvari/kit/base/config';
import { z } from 'zod';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  const config = readVariables(variables(env), env);
  const { ENGINE_OWNED: owned, ENGINE_PARTITIONS: partitions } = config;
  const beyond = owned.filter((number) => number >= partitions);
  // Nobody writes commands for a partition that is not there: it would lead, be ready, and trade nothing.
  if (beyond.length > 0)
    throw new ConfigError([
      `  ENGINE_OWNED: ${beyond.join(',')} with ENGINE_PARTITIONS=${partitions}; they are counted from 0`,
    ]);
  if (new Set(owned).size < owned.length) throw new ConfigError(['  ENGINE_OWNED: a partition twice']);
  return config;
}

/** All that the service reads, by name. */
export function variables(env: NodeJS.ProcessEnv) {
  return {
    ...commonVariables,
    ...rpcVariables(8087, env),
    /** Where NATS is; several hosts with commas between. */
    NATS_URL: variable.secretUrl('nats', 'tls'),
    /** How many partitions the symbols are spread over; everybody who writes commands must say the same. */
    ENGINE_PARTITIONS: variable.wholeNumber(1, 1024).default(1),
    /** Those that this process leads or stands by for. */
    ENGINE_OWNED: z
      .string({ error: 'partition numbers with commas between' })
      .regex(/^\d{1,4}(,\d{1,4})*$/, 'partition numbers with commas between')
      .default('0')
      .transform((list) => list.split(',').map(Number)),
    /** A snapshot is taken after so many commands. */
    SNAPSHOT_EVERY_COMMANDS: variable.wholeNumber(1, 1_000_000_000).default(200_000),
    /** A snapshot is taken after so long, where there were commands. */
    SNAPSHOT_EVERY_MS: variable.milliseconds().default(60_000),
    /** Without a sign of life from the leader for so long, a standby takes over. */
    LEASE_MS: variable.milliseconds(200, 60_000).default(1500),
    /** Whether the house quotes every symbol that it has a reference price for. */
    MARKET_MAKER: variable.flag().default(true),
    /** `market`: the stock service's live quotes; `built_in` stands in for them where no market runs. */
    REFERENCE_PRICES: variable.oneOf(['built_in', 'market']).default('market'),
    /** When the source has said nothing for so long, the house takes its ladders back. */
    REFERENCE_STALE_MS: variable.milliseconds(500, 3_600_000).default(30_000),
    /** The account that the house quotes for. */
    HOUSE_ACCOUNT_ID: z.uuid({ error: 'a UUID' }).default('00000000-0000-7000-8000-00000000ac01'),
    /** Whose account that is. */
    HOUSE_USER_ID: z.uuid({ error: 'a UUID' }).default('00000000-0000-7000-8000-00000000ac02'),
  };
}
