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
  return readVariables(variables(env), env);
}

/** All that the service reads, by name. */
export function variables(env: NodeJS.ProcessEnv) {
  const inProduction = isProduction(env);
  return {
    ...commonVariables,
    ...rpcVariables(8083, env),
    ...databaseVariables(),
    /** Where NATS is; several hosts with commas between. */
    NATS_URL: variable.secretUrl('nats', 'tls'),
    /** Asked whether anything stands in the way of an account's end. In production nobody may be deleted unasked. */
    PORTFOLIO_ADDR: inProduction ? variable.address() : variable.address().optional(),
    /** Asked the same, for orders that are still open. */
    ORDER_ADDR: inProduction ? variable.address() : variable.address().optional(),
    /** Those that must say that they have erased their part before an account has ended. */
    DELETION_SERVICES: serviceNames().default(['auth', 'security', 'portfolio']),
    /** How often deletions under way are looked at. */
    DELETION_SWEEP_MS: variable.milliseconds().default(1000),
  };
}

function serviceNames() {
  const what = 'names of services with commas between';
  return z
    .string({ error: what })
    .regex(/^[a-z]+(,[a-z]+)*$/, what)
    .transform((value) => value.split(','));
}
