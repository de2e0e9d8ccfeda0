import { commonVariables, readVariables, variable } from '@andvari/kit/config';

export type Config = ReturnType<typeof readConfig>;

export function readConfig(env: NodeJS.ProcessEnv) {
  return readVariables(
    {
      ...commonVariables,
      HTTP_PORT: variable.port().default(8080),
      ADMIN_PORT: variable.port().default(9080),
      /** Shared by all services: signs on whose behalf a call is made. */
      CALLER_KEY: variable.secret(32),
      /** A folder with ca.pem, cert.pem and key.pem turns on mutual TLS between services. */
      TLS_DIR: variable.text('a folder with ca.pem, cert.pem and key.pem').optional(),
      USER_ADDR: variable.address().default('127.0.0.1:8083'),
    },
    env,
  );
}
