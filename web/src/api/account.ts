import { useSyncExternalStore } from 'react';
import { graphql } from './generated/gql.ts';
import type { AccountsQuery } from './generated/graphql.ts';
import { useSession } from './session.ts';
import { type Loaded, useData } from './use-data.ts';

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
  return { ...loaded, accounts, account: tradingAccount(accounts, chosen) };
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
