import { AppError, type ErrorCode, type ErrorDetails } from '../base/errors.ts';

/** What a caller is told of one reason to refuse: the code, a sentence, with its numbers if it says them, and the input where it is always the same. */
export interface Told {
  readonly code: ErrorCode;
  readonly message: string | ((numbers: AppError['numbers']) => string);
  readonly field?: string;
}

/** Error table: makes the error for each reason that a domain may give; the compiler asks for the reason that has no line. */
export function refusalsOf<Reason extends string>(
  table: Readonly<Record<Reason, Told>>,
): (reason: Reason, details?: Omit<ErrorDetails, 'reason'>) => AppError {
  return (reason, details = {}) => {
    const { code, message, field } = table[reason];
    const said = typeof message === 'string' ? message : message(details.numbers ?? {});
    return new AppError(code, said, { reason, ...(field === undefined ? {} : { field }), ...details });
  };
}
