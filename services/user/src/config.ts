import {
  commonVariables,
  databaseVariables,
  isProduction,
  readVariables,
  rpcVariables,
  variable,
} from '@andvari/kit/base/config';
import { z } from 'zod';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  const inProduction = isProduction(env);
  return readVariables(
    {
      ...commonVariables,
      ...rpcVariables(8083, env),
      ...databaseVariables(),
      NATS_URL: variable.secretUrl('nats', 'tls'),
      /** Asked whether anything stands in the way of an account's end. In production nobody may be deleted unasked. */
      PORTFOLIO_ADDR: inProduction ? variable.address() : variable.address().optional(),
      ORDER_ADDR: inProduction ? variable.address() : variable.address().optional(),
      /** Those that must say that they have erased their part before an account has ended. */
      DELETION_SERVICES: serviceNames().default(['auth', 'security', 'portfolio']),
      DELETION_SWEEP_MS: variable.milliseconds().default(1000),
    },
    env,
  );
}

function serviceNames() {
  const what = 'names of services with commas between';
  return z
    .string({ error: what })
    .regex(/^[a-z]+(,[a-z]+)*$/, what)
    .transform((value) => value.split(','));
}
