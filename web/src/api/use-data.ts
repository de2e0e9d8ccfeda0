import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { type AnyVariables, type CombinedError, type OperationContext, useClient, useQuery } from 'urql';
import { confirmedAgain } from './confirmation.ts';
import { keepTrying, onConnectionBack } from './connection.ts';
import type { TypedDocumentString } from './generated/graphql.ts';
import { sessionState, useSession } from './session.ts';

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
  kind: 'unreachable' | 'unavailable' | 'signedOut' | 'forbidden' | 'busy' | 'failed';
  message: string;
  traceId: string;
}

export const UNREACHABLE: Trouble = { kind: 'unreachable', message: 'The server cannot be reached.', traceId: '' };

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
  const error = result.error === undefined ? undefined : troubleOf(result.error);
  useRecovery(options.pause === true ? undefined : error?.kind, reload);
  const data = useKept(result.operation?.key, result.data, error?.kind);
  return {
    data,
    // What could not be read stays said while it is tried again: nothing comes and goes by itself.
    isLoading: result.fetching && data == null && error === undefined,
    isStale: result.stale,
    error,
    reload,
  };
}

/** Until it is read. What is refused for good is asked for once more when the connection, or the session, is back. */
function useRecovery(trouble: Trouble['kind'] | undefined, reload: () => void): void {
  const latest = useRef(reload);
  useEffect(() => {
    latest.current = reload;
  });
  useEffect(() => {
    if (trouble === undefined) return undefined;
    const again = (): void => latest.current();
    return passing.has(trouble) ? keepTrying(again) : onConnectionBack(again);
  }, [trouble]);
}

/** What was read once stays when it cannot be read again for the moment: old is more than nothing. */
function useKept<Data>(key: number | undefined, data: Data | null | undefined, trouble: Trouble['kind'] | undefined) {
  const [kept, setKept] = useState<{ key: number | undefined; data: Data }>();
  if (data != null) {
    if (kept?.data !== data) setKept({ key, data });
    return data;
  }
  return trouble !== undefined && passing.has(trouble) && kept?.key === key ? kept?.data : undefined;
}

/** Whether the same may go well in a moment. */
export const mayPass = (error: CombinedError): boolean => passing.has(troubleOf(error).kind);

const passing = new Set<Trouble['kind']>(['unreachable', 'unavailable', 'busy']);

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
    return { kind: 'unavailable', message: 'This part is not available at the moment.', traceId };
  }
  if (first === undefined) return { ...UNREACHABLE, traceId };
  return { kind: 'failed', message: first.message, traceId };
}

/** Whether to ask again and again: this tab is being looked at, and whoever looks would be answered. */
export function useMayPoll(): boolean {
  const session = useSession();
  const isInFront = useSyncExternalStore(
    (listener) => {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
    () => document.visibilityState === 'visible',
  );
  return isInFront && session !== 'signedOut';
}

export const isSignedIn = (): boolean => sessionState() === 'signedIn';
