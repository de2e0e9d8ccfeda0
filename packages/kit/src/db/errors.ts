import { AppError } from '../base/errors.ts';

/** A database that cannot be reached, or not in time, is a neighbour that is unavailable; every other error stays what it is. */
export function databaseError(error: unknown): unknown {
  if (isLostConnection(error)) {
    return new AppError('unavailable', 'the database does not answer', {
      reason: 'database_unavailable',
      cause: error,
    });
  }
  if (isTooSlow(error)) {
    return new AppError('unavailable', 'the database takes too long', { reason: 'database_slow', cause: error });
  }
  return error;
}

/** Broken off by the server: a statement after its time, or one that waited too long for a lock. */
function isTooSlow(error: unknown): boolean {
  const code = sqlState(error);
  return code === '57014' || code === '55P03';
}

const lostCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
]);

export function isLostConnection(error: unknown): boolean {
  const code = sqlState(error) ?? '';
  // 08: connection exceptions. 57P0x: the server shuts down or is starting up.
  return lostCodes.has(code) || code.startsWith('08') || code.startsWith('57P0');
}

/** Worth trying again as it is: the connection, a deadlock, a serialization failure, a server short of resources. */
export function isTransient(error: unknown): boolean {
  const code = sqlState(error) ?? '';
  return isLostConnection(error) || code === '40001' || code === '40P01' || code.startsWith('53');
}

export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== '23505') return false;
  return constraint === undefined || (error as { constraint_name?: string }).constraint_name === constraint;
}
