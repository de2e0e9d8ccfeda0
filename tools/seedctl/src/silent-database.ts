import { sqlState } from '@andvari/kit/db/errors';

/** The code of a connection that PostgreSQL never answered: the driver names neither itself nor the address then. */
export function silentDatabase(error: unknown): string | undefined {
  const code = sqlState(error);
  return code?.startsWith('CONNECT') === true ? code : undefined;
}
