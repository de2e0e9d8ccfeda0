import type { CallContext } from '@andvari/kit/base/context';
import type { GatewayContext } from '../schema/context.ts';

/** For whom an operation is done. */
export interface OperationOrigin {
  /** A new one for each operation and each event of a subscription: what was looked up for one is not true for the next. */
  readonly gateway: () => GatewayContext;
  /** What the services called on the way get to know, with a deadline that counts from now. */
  readonly call: () => CallContext;
}
