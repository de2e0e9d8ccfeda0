import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, type ErrorCode, isAppError } from '@andvari/kit/base/errors';
import { BodyTooLarge, WrongType } from './read-body.ts';

const statusOf: Record<ErrorCode, number> = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  failed_precondition: 409,
  resource_exhausted: 429,
  unavailable: 503,
};

export class WrongMethod extends AppError {
  /** As the header `Allow` says it. */
  readonly allowed: string;
  constructor(message: string, ...allowed: [string, ...string[]]) {
    super('invalid_argument', message, { reason: 'method_not_allowed' });
    this.allowed = allowed.join(', ');
  }
}

export function statusFor(error: unknown): number {
  if (error instanceof BodyTooLarge) return 413;
  if (error instanceof WrongType) return 415;
  if (error instanceof WrongMethod) return 405;
  return isAppError(error) ? statusOf[error.code] : 500;
}

/** When it is worth trying again; undefined where trying again is no help. */
export function retryAfterSeconds(error: unknown): number | undefined {
  if (!isAppError(error, 'unavailable') && !isAppError(error, 'resource_exhausted')) return undefined;
  return Math.max(1, Math.ceil(Number(error.numbers['retry_after_ms'] ?? 0n) / 1000));
}

/** What all refusals have, whatever the shape of their body. */
export function refuse(request: IncomingMessage, response: ServerResponse, error: unknown, body: unknown): void {
  // What was not read of the request would be taken for the next one.
  if (!request.complete) response.setHeader('connection', 'close');
  if (error instanceof WrongMethod) response.setHeader('allow', error.allowed);
  const seconds = retryAfterSeconds(error);
  if (seconds !== undefined) response.setHeader('retry-after', seconds);
  json(response, statusFor(error), body);
}

export function json(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
