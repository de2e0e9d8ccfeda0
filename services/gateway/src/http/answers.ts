import type { ServerResponse } from 'node:http';
import { type ErrorCode, isAppError } from '@andvari/kit/errors';

export const statusOf: Record<ErrorCode, number> = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  failed_precondition: 409,
  resource_exhausted: 429,
  unavailable: 503,
};

export function statusFor(error: unknown): number {
  return isAppError(error) ? statusOf[error.code] : 500;
}

export function json(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

export function retryAfter(response: ServerResponse, seconds: number): void {
  response.setHeader('retry-after', String(Math.max(1, Math.ceil(seconds))));
}
