import { assert } from '@andvari/kit/base/errors';
import type { SignedIn } from '../identity/viewer.ts';
import type { GatewayContext } from './context.ts';

/** For resolvers that are reached by somebody signed in only, because their type says so. */
export function signedIn({ viewer }: Pick<GatewayContext, 'viewer'>): SignedIn {
  assert(viewer.kind !== 'anonymous', 'a field that needs somebody signed in was reached by nobody');
  return viewer;
}
