import { commonVariables, readVariables, rpcVariables, variable } from '@andvari/kit/config';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  return readVariables(
    {
      ...commonVariables,
      ...rpcVariables(8083),
      POSTGRES_URL: variable.secretUrl('postgres', 'postgresql'),
      POSTGRES_CONNECTIONS: variable.wholeNumber(1, 100).default(10),
      NATS_URL: variable.secretUrl('nats', 'tls'),
    },
    env,
  );
}
