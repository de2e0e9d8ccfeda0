import { useEffect } from 'react';
import { useClient } from 'urql';
import { whenLoaded } from '../api/when-loaded.ts';

/** While somebody is here. The stream comes after the first page, which does not wait for it. */
export function useAccountEvents(accountId: string | undefined): void {
  const client = useClient();
  useEffect(() => {
    if (accountId === undefined) return undefined;
    return whenLoaded(
      () => import('./account-events.ts'),
      ({ followAccount }) => followAccount(client, accountId),
    );
  }, [client, accountId]);
}
