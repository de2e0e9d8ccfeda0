import { AppError, type ErrorCode, type ErrorDetails } from '../base/errors.ts';

/** What a caller is told of one reason to refuse: the code, a sentence, and the input at fault where it is always the same. */
export interface Told {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
}

/** Error table: makes the error for each reason that a domain may give; the compiler asks for the reason that has no line. */
export function refusalsOf<Reason extends string>(
  table: Readonly<Record<Reason, Told>>,
): (reason: Reason, details?: Omit<ErrorDetails, 'reason'>) => AppError {
  return (reason, details = {}) => {
    const { code, message, field } = table[reason];
    return new AppError(code, message, { reason, ...(field === undefined ? {} : { field }), ...details });
  };
}
