import { commonVariables, databaseVariables, readVariables, rpcVariables, variable } from '@andvari/kit/base/config';
import { z } from 'zod';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  return readVariables(variables(env), env);
}

/** All that the service reads, by name. */
export function variables(env: NodeJS.ProcessEnv) {
  return {
    ...commonVariables,
    ...rpcVariables(8085, env),
    ...databaseVariables(),
    /** Where NATS is; several hosts with commas between. */
    NATS_URL: variable.secretUrl('nats', 'tls'),
    /** Asked for instruments, quotes and the clock. */
    STOCK_ADDR: variable.address().default('127.0.0.1:8084'),
    /** Asked to reserve what an order may cost. */
    PORTFOLIO_ADDR: variable.address().default('127.0.0.1:8086'),
    /** Asked for books, and for what it knows of an order. */
    ENGINE_ADDR: variable.address().default('127.0.0.1:8087'),
    /** As the engine has it: how many partitions the symbols are spread over. */
    ENGINE_PARTITIONS: variable.wholeNumber(1, 1024).default(1),
    /** The market maker's account, whose reports are passed over. */
    HOUSE_ACCOUNT_ID: z.uuid({ error: 'a UUID' }).default('00000000-0000-7000-8000-00000000ac01'),
    /** How far from the price of the moment a market order or a triggered stop may trade. */
    MARKET_COLLAR_PPM: variable.wholeNumber(1, 999_999).default(50_000),
    /** How far from the price of the moment a limit may lie. */
    LIMIT_COLLAR_PPM: variable.wholeNumber(1, 999_999).default(500_000),
    /** What the engine has not answered for so long, although it has read its whole log, is sent again. */
    RESUBMIT_AFTER_MS: variable.milliseconds().default(5000),
    /** How often orders without an answer or a row are looked for. */
    RESUBMIT_SWEEP_MS: variable.milliseconds().default(2000),
    /** How long reports wait for their order before it is looked for among what was once told. */
    RECOVER_AFTER_MS: variable.milliseconds().default(2000),
    /** How often the stock service is asked for all instruments and quotes, beside what the streams say. */
    INSTRUMENT_REFRESH_MS: variable.milliseconds().default(30_000),
  };
}
