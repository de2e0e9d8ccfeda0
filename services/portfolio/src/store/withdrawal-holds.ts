import { bigintArray, textArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import { toMicros } from '@andvari/money';
import type { Hold, HoldState } from '../domain/posting.ts';

/** What withdrawals hold back: reservations of money that no order has. To be called after the ledger is locked. */
export async function findHolds(tx: Tx, ids: readonly string[]): Promise<Map<string, HoldState>> {
  const rows = await tx<{ id: string; state: HoldState['state']; remaining: bigint }[]>`
    select id, state, remaining from reservations where purpose = 'withdrawal' and id = any (${uuidArray(ids)}::uuid[])`;
  return new Map(rows.map(({ id, state, remaining }) => [id, { state, remaining: toMicros(remaining) }]));
}

export async function insertHolds(tx: Tx, holds: readonly Hold[]): Promise<void> {
  if (holds.length === 0) return;
  await tx`
    insert into reservations (id, purpose, ledger_account_id, account_id, qty, principal, remaining)
      select new.id, 'withdrawal', ledger.id, new.account_id, 0, new.amount, new.amount
        from unnest(
          ${uuidArray(holds.map(({ fundingId }) => fundingId))}::uuid[],
          ${uuidArray(holds.map(({ accountId }) => accountId))}::uuid[],
          ${textArray(holds.map(({ currency }) => currency))}::text[],
          ${bigintArray(holds.map(({ amount }) => amount))}::bigint[]
        ) as new (id, account_id, currency, amount)
        join ledger_accounts ledger on ledger.account_id = new.account_id and ledger.asset = new.currency`;
}

export async function closeHolds(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx`
    update reservations set state = 'closed', remaining = 0, closed_at = now() where id = any (${uuidArray(ids)}::uuid[])`;
}
