import { AssertionError } from 'node:assert';

/**
 * The caller or a neighbour is wrong. What the market refuses is a value, not an error; what we did wrong is thrown as
 * it is and reaches nobody but the log.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** Stable and machine-readable, finer than the code: `insufficient_buying_power`. */
  readonly reason: string;
  /** The input at fault, as a path: `legs[1].price`. Empty where no single field is. */
  readonly field: string;
  /** The numbers that explain it, in micro-units where they are money. */
  readonly numbers: Readonly<Record<string, bigint>>;
  /** What stands in the way, by its id. Empty where nothing of its own does. */
  readonly entity: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.reason = details.reason ?? code;
    this.field = details.field ?? '';
    this.numbers = details.numbers ?? {};
    this.entity = details.entity ?? '';
  }
}

export interface ErrorDetails {
  reason?: string;
  field?: string;
  numbers?: Readonly<Record<string, bigint>>;
  entity?: string;
  cause?: unknown;
}

export const errorCodes = [
  'invalid_argument',
  'unauthenticated',
  'permission_denied',
  'not_found',
  'already_exists',
  'failed_precondition',
  'resource_exhausted',
  'unavailable',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** What a consumer does with a message whose handling failed so. */
export const retryable: Record<ErrorCode, boolean> = {
  invalid_argument: false,
  unauthenticated: false,
  permission_denied: false,
  not_found: false,
  already_exists: false,
  failed_precondition: false,
  resource_exhausted: true,
  unavailable: true,
};

export function invalid(field: string, message: string, reason = 'invalid_argument'): AppError {
  return new AppError('invalid_argument', `${field}: ${message}`, { field, reason });
}

export function notFound(what: string, id: string): AppError {
  return new AppError('not_found', `no ${what} ${id}`, { reason: `${what.replaceAll(' ', '_')}_not_found` });
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** For what cannot be unless we are wrong: its message is for the log, not for the caller. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError({ message });
}
