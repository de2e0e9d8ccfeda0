import { useCallback, useSyncExternalStore } from 'react';
import { type AnyVariables, type CombinedError, type OperationContext, useClient, useQuery } from 'urql';
import { confirmedAgain } from './confirmation.ts';
import type { TypedDocumentString } from './generated/graphql.ts';
import { sessionState } from './session.ts';

type Document<Data, Variables> = TypedDocumentString<Data, Variables>;

export interface Loaded<Data> {
  data: Data | undefined;
  /** Only while there is nothing to show yet: over old data nobody puts a spinner. */
  isLoading: boolean;
  isStale: boolean;
  error: Trouble | undefined;
  reload: () => void;
}

/** Why a block has nothing to show. */
export interface Trouble {
  kind: 'unreachable' | 'signedOut' | 'forbidden' | 'busy' | 'failed';
  message: string;
  traceId: string;
}

export function useData<Data, Variables extends AnyVariables>(
  document: Document<Data, Variables>,
  variables: Variables,
  options: { pause?: boolean; context?: Partial<OperationContext> } = {},
): Loaded<Data> {
  const [result, again] = useQuery<Data, Variables>({
    query: String(document),
    variables,
    ...(options.pause === undefined ? {} : { pause: options.pause }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
  const reload = useCallback(() => again({ requestPolicy: 'network-only' }), [again]);
  return {
    data: result.data ?? undefined,
    isLoading: result.fetching && result.data == null,
    isStale: result.stale,
    error: result.error === undefined ? undefined : troubleOf(result.error),
    reload,
  };
}

export type Answer<Data> = { ok: true; data: Data } | { ok: false; trouble: Trouble };
export type Send = <Data, Variables extends AnyVariables>(
  document: Document<Data, Variables>,
  variables: Variables,
) => Promise<Answer<Data>>;

/**
 * Sends a mutation once, and again only where the password was asked for before it was done. For what must not be lost or doubled
 * there is `sends.ts`.
 */
export function useSend(): Send {
  const client = useClient();
  return useCallback(
    async (document, variables) => {
      const once = () => client.mutation(String(document), variables).toPromise();
      let { data, error } = await once();
      if (typenameOf(data) === 'ConfirmPassword' && (await confirmedAgain())) ({ data, error } = await once());
      const first = firstOf(data);
      if (data != null && first !== null) return { ok: true, data: data as never };
      return { ok: false, trouble: error === undefined ? unanswered : troubleOf(error) };
    },
    [client],
  );
}

const firstOf = (data: unknown): unknown => (data == null ? undefined : Object.values(data)[0]);
const typenameOf = (data: unknown): unknown =>
  (firstOf(data) as { __typename?: unknown } | null | undefined)?.__typename;

const unanswered: Trouble = { kind: 'failed', message: 'There was no answer.', traceId: '' };

export function troubleOf(error: CombinedError): Trouble {
  const [first] = error.graphQLErrors;
  const code = typeof first?.extensions['code'] === 'string' ? first.extensions['code'] : '';
  const traceId = typeof first?.extensions['traceId'] === 'string' ? first.extensions['traceId'] : '';
  const status = (error.response as Response | undefined)?.status;
  if (status === 401 || code === 'UNAUTHENTICATED')
    return { kind: 'signedOut', message: 'Sign in to see this.', traceId };
  if (code === 'PERMISSION_DENIED') return { kind: 'forbidden', message: 'You may not see this.', traceId };
  if (code === 'RESOURCE_EXHAUSTED')
    return { kind: 'busy', message: 'Too much at a time; try again in a moment.', traceId };
  if (code === 'UNAVAILABLE' || (status !== undefined && status >= 502)) {
    return { kind: 'failed', message: 'This part is not available at the moment.', traceId };
  }
  if (first === undefined) return { kind: 'unreachable', message: 'The server cannot be reached.', traceId };
  return { kind: 'failed', message: first.message, traceId };
}

/** Whether this tab is being looked at: what is not seen asks for nothing. */
export function useIsVisible(): boolean {
  return useSyncExternalStore(
    (listener) => {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
    () => document.visibilityState === 'visible',
  );
}

export const isSignedIn = (): boolean => sessionState() === 'signedIn';
