import { useCallback, useSyncExternalStore } from 'react';
import { graphql } from './generated/gql.ts';
import type { AccountsQuery, TypedDocumentString } from './generated/graphql.ts';
import { useIsUnanswered, useSession } from './session.ts';
import { type Loaded, UNREACHABLE, useData } from './use-data.ts';

export type Account = NonNullable<AccountsQuery['accounts']>['nodes'][number];

const Accounts = graphql(`
  query Accounts {
    accounts(first: 10) { nodes { ...AccountFields } }
  }
`);

/** All of one's accounts and the one that trades: the chosen one, else the first that can. */
export function useAccounts(): Loaded<AccountsQuery> & { accounts: Account[]; account: Account | undefined } {
  const session = useSession();
  const loaded = useData(Accounts, {}, { pause: session !== 'signedIn' });
  const chosen = useSyncExternalStore(onChoice, choice);
  const accounts = loaded.data?.accounts?.nodes ?? [];
  // Who is here is not known yet: nobody says that there is no account.
  const isUnknown = session === 'unknown' && loaded.data === undefined;
  const isInVain = useIsUnanswered() && isUnknown;
  const isLoading = loaded.isLoading || (isUnknown && !isInVain);
  const error = isInVain ? UNREACHABLE : loaded.error;
  return { ...loaded, isLoading, error, accounts, account: tradingAccount(accounts, chosen) };
}

/** What is asked of the account that trades. As long as nobody knows whether there is one, nothing is known of this either. */
export function useAccountData<Data, Variables extends { accountId: string | number }>(
  document: TypedDocumentString<Data, Variables>,
  rest: Omit<Variables, 'accountId'>,
): Loaded<Data> & { account: Account | undefined } {
  const { account, ...accounts } = useAccounts();
  // The rest and the id make the whole again, which the compiler cannot see of a generic type.
  const variables = { ...rest, accountId: account?.accountId ?? '' } as unknown as Variables;
  const loaded = useData(document, variables, { pause: account === undefined });
  const { reload: readAccounts } = accounts;
  const { reload: read } = loaded;
  const isKnown = account !== undefined;
  const reload = useCallback(() => (isKnown ? read() : readAccounts()), [isKnown, read, readAccounts]);
  return {
    ...loaded,
    account,
    isLoading: loaded.isLoading || accounts.isLoading,
    error: isKnown ? loaded.error : accounts.error,
    reload,
  };
}

export function tradingAccount<A extends { accountId: string; kind: string; status: string }>(
  accounts: readonly A[],
  chosen: string | null,
): A | undefined {
  const open = accounts.filter(({ status }) => status !== 'CLOSED');
  return (
    open.find(({ accountId }) => accountId === chosen) ?? open.find(({ kind }) => kind === 'INVESTMENT') ?? open[0]
  );
}

const KEY = 'andvari.account';
const listeners = new Set<() => void>();
const choice = (): string | null => localStorage.getItem(KEY);

export function chooseAccount(accountId: string): void {
  localStorage.setItem(KEY, accountId);
  for (const listener of listeners) listener();
}

function onChoice(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
