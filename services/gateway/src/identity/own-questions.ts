import { randomUUID } from 'node:crypto';
import { currentContext, noCaller, withContext } from '@andvari/kit/base/context';
import { newTraceparent } from '@andvari/kit/observe/tracing';

const TIMEOUT_MS = 2000;

/**
 * For what the gateway asks before it knows for whom: services answer such questions to no user. About a user's own
 * permissions it asks in that user's name. What is asked serves other requests too, so it does not end with this one.
 */
export function askAs<T>(userId: string, ask: () => Promise<T>): Promise<T> {
  return withContext(
    {
      requestId: currentContext()?.requestId ?? randomUUID(),
      caller: { ...noCaller('gateway'), userId },
      deadline: Date.now() + TIMEOUT_MS,
      signal: new AbortController().signal,
      traceparent: currentContext()?.traceparent ?? newTraceparent(),
    },
    ask,
  );
}
