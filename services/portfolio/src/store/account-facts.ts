import { uuidArray } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import type { AccountKind, AccountStatus } from '../domain/account.ts';
import type { Currency } from '../domain/asset.ts';

export type AccountFacts = {
  readonly id: string;
  readonly userId: string;
  readonly currency: Currency;
  readonly kind: AccountKind | 'house';
  /** Only as good as the moment, unless the account's ledger is locked. */
  readonly status: AccountStatus;
};

export async function findAccountFacts(tx: Tx, ids: readonly string[]): Promise<Map<string, AccountFacts>> {
  const rows = await tx<AccountFacts[]>`
    select id, user_id as "userId", currency, kind, status from accounts where id = any (${uuidArray(ids)}::uuid[])`;
  return new Map(rows.map((row) => [row.id, row]));
}
