import { commonVariables, databaseVariables, readVariables, rpcVariables, variable } from '@andvari/kit/base/config';
import { z } from 'zod';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  return readVariables(
    {
      ...commonVariables,
      ...rpcVariables(8085, env),
      ...databaseVariables(),
      NATS_URL: variable.secretUrl('nats', 'tls'),
      STOCK_ADDR: variable.address().default('127.0.0.1:8084'),
      PORTFOLIO_ADDR: variable.address().default('127.0.0.1:8086'),
      ENGINE_ADDR: variable.address().default('127.0.0.1:8087'),
      /** As the engine has it: how many partitions the symbols are spread over. */
      ENGINE_PARTITIONS: variable.wholeNumber(1, 1024).default(1),
      HOUSE_ACCOUNT_ID: z.uuid({ error: 'a UUID' }).default('00000000-0000-7000-8000-00000000ac01'),
      /** Millionths: how far from the price of the moment a market order or a triggered stop may trade, and a limit may lie. */
      MARKET_COLLAR_PPM: variable.wholeNumber(1, 999_999).default(50_000),
      LIMIT_COLLAR_PPM: variable.wholeNumber(1, 999_999).default(500_000),
      /** What the engine has not answered for so long, although it has read its whole log, is sent again. */
      RESUBMIT_AFTER_MS: variable.milliseconds().default(5000),
      RESUBMIT_SWEEP_MS: variable.milliseconds().default(1000),
      /** How long reports wait for their order before it is looked for among what was once told. */
      RECOVER_AFTER_MS: variable.milliseconds().default(2000),
      /** Off until the ledger can hold one position for two exits: without, an exit's fill could not be settled. */
      GROUP_ORDERS: variable.flag().default(false),
      INSTRUMENT_REFRESH_MS: variable.milliseconds().default(30_000),
    },
    env,
  );
}
