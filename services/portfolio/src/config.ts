import { commonVariables, databaseVariables, readVariables, rpcVariables, variable } from '@andvari/kit/base/config';
import { MICRO, toMicros } from '@andvari/money';
import { z } from 'zod';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  return readVariables(
    {
      ...commonVariables,
      ...rpcVariables(8086, env),
      ...databaseVariables(20),
      NATS_URL: variable.secretUrl('nats', 'tls'),
      /** Who knows what currencies are worth; without one the rates are built in. */
      STOCK_ADDR: variable.address().optional(),
      /** Who knows whether an order exists; without one no reservation is given back for want of its order. */
      ORDER_ADDR: variable.address().optional(),
      /** How old a reservation is before anybody asks after its order, and how often that is looked at. */
      ORPHAN_AFTER_MS: variable.milliseconds().default(60_000),
      ORPHAN_SWEEP_MS: variable.milliseconds().default(15_000),
      /** Batches of reservations under way at once. One keeps a hot account from waiting for itself. */
      RESERVE_LANES: variable.wholeNumber(1, 16).default(2),
      /** Per direction and currency, in whole units; the day is UTC's. */
      FUNDING_LIMIT_PER_TRANSFER: wholeUnits(1_000_000n),
      FUNDING_LIMIT_PER_DAY: wholeUnits(5_000_000n),
      FUNDING_TRANSFERS_PER_DAY: variable.wholeNumber(1, 10_000).default(100),
      /** Out of each currency, in whole units, and how often; what the house keeps, in millionths. */
      EXCHANGE_LIMIT_PER_TRANSFER: wholeUnits(250_000n),
      EXCHANGE_LIMIT_PER_DAY: wholeUnits(1_000_000n),
      EXCHANGES_PER_DAY: variable.wholeNumber(1, 10_000).default(100),
      EXCHANGE_SPREAD_PPM: variable.wholeNumber(0, 100_000).default(2000),
      /** How long a report waits for the fills that come before it; then it is a dead letter. */
      EARLY_REPORT_WAIT_MS: variable.milliseconds().default(30_000),
      FUNDING_SWEEP_MS: variable.milliseconds().default(200),
      SNAPSHOT_CHECK_MS: variable.milliseconds().default(5000),
      VERIFY_EVERY_MS: variable.milliseconds().default(300_000),
      /** The market maker's, as the engine knows them. */
      HOUSE_ACCOUNT_ID: z.uuid({ error: 'a UUID' }).default('00000000-0000-7000-8000-00000000ac01'),
      HOUSE_USER_ID: z.uuid({ error: 'a UUID' }).default('00000000-0000-7000-8000-00000000ac02'),
    },
    env,
  );
}

function wholeUnits(by: bigint) {
  return variable
    .wholeNumber(1, 1_000_000_000_000)
    .transform((units) => toMicros(BigInt(units) * MICRO))
    .default(toMicros(by * MICRO));
}
