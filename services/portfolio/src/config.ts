import { commonVariables, databaseVariables, readVariables, rpcVariables, variable } from '@andvari/kit/base/config';
import { MICRO, toMicros } from '@andvari/money';
import { z } from 'zod';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  return readVariables(variables(env), env);
}

/** All that the service reads, by name. */
export function variables(env: NodeJS.ProcessEnv) {
  return {
    ...commonVariables,
    ...rpcVariables(8086, env),
    ...databaseVariables(20),
    /** Where NATS is; several hosts with commas between. */
    NATS_URL: variable.secretUrl('nats', 'tls'),
    /** Who knows what currencies are worth and which symbols there are; without one the rates are built in, and any symbol will do. */
    STOCK_ADDR: variable.address().optional(),
    /** Who knows whether an order exists; without one no reservation is given back for want of its order. */
    ORDER_ADDR: variable.address().optional(),
    /** How old a reservation is before anybody asks after its order. */
    ORPHAN_AFTER_MS: variable.milliseconds().default(60_000),
    /** How often that is looked at. */
    ORPHAN_SWEEP_MS: variable.milliseconds().default(15_000),
    /** Batches of reservations under way at once. One keeps a hot account from waiting for itself. */
    RESERVE_LANES: variable.wholeNumber(1, 16).default(2),
    /** What one deposit or withdrawal may move, in whole units of its currency. */
    FUNDING_LIMIT_PER_TRANSFER: wholeUnits(1_000_000n),
    /** What a user may move in a day of UTC's, per direction and currency, in whole units. */
    FUNDING_LIMIT_PER_DAY: wholeUnits(5_000_000n),
    /** How often in that day, per direction and currency. */
    FUNDING_TRANSFERS_PER_DAY: variable.wholeNumber(1, 10_000).default(100),
    /** What one transfer may take out of a currency into another, in whole units. */
    EXCHANGE_LIMIT_PER_TRANSFER: wholeUnits(250_000n),
    /** What a user may exchange out of a currency in a day of UTC's, in whole units. */
    EXCHANGE_LIMIT_PER_DAY: wholeUnits(1_000_000n),
    /** How often in that day, out of each currency. */
    EXCHANGES_PER_DAY: variable.wholeNumber(1, 10_000).default(100),
    /** What the house keeps of an exchange. */
    EXCHANGE_SPREAD_PPM: variable.wholeNumber(0, 100_000).default(2000),
    /** How long a report waits for the fills that come before it; then it is a dead letter. */
    EARLY_REPORT_WAIT_MS: variable.milliseconds().default(30_000),
    /** How often deposits and withdrawals under way are looked at, besides when one is made. */
    FUNDING_SWEEP_MS: variable.milliseconds().default(1000),
    /** How often it is looked at whether a point of the accounts' history is due. */
    SNAPSHOT_CHECK_MS: variable.milliseconds().default(5000),
    /** How often the whole ledger is verified. */
    VERIFY_EVERY_MS: variable.milliseconds().default(300_000),
    /** The market maker's account, as the engine knows it. */
    HOUSE_ACCOUNT_ID: z.uuid({ error: 'a UUID' }).default('00000000-0000-7000-8000-00000000ac01'),
    /** Whose account that is, as the engine knows it. */
    HOUSE_USER_ID: z.uuid({ error: 'a UUID' }).default('00000000-0000-7000-8000-00000000ac02'),
  };
}

/** Money in whole units of its currency: what is read is its amount in micro-units. */
function wholeUnits(otherwise: bigint) {
  return variable
    .wholeNumber(1, 1_000_000_000_000)
    .transform((units) => toMicros(BigInt(units) * MICRO))
    .prefault(otherwise.toString());
}
