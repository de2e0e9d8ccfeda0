import type { Caller } from '@andvari/proto/common/v1/common';
import { AppError } from '../base/errors.ts';

/** What operators' own tools call themselves. */
const OPERATOR_TOOL = 'operator-tool';

/**
 * Who may write in bulk what nobody has done: the operators' tool on its own behalf, and nowhere that is production. Whatever is imported
 * was never placed, paid or proven by anybody.
 */
export function allowImport({ service, userId }: Caller, { development }: { readonly development: boolean }): void {
  if (!development) {
    throw new AppError('permission_denied', 'nothing is imported in production', { reason: 'development_only' });
  }
  if (service === OPERATOR_TOOL && userId === '') return;
  throw new AppError('permission_denied', 'only the operators’ tool imports', { reason: 'permission_missing' });
}
