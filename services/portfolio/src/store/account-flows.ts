import { bigintArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';

/** Signed: what an owner brought into an account or took out of it. */
export type Flow = { readonly accountId: string; readonly amount: bigint };

/** In the order of the account's id, like every lock that is taken after the ledger's. */
export async function saveFlows(tx: Tx, flows: readonly Flow[]): Promise<void> {
  if (flows.length === 0) return;
  await tx`
    insert into account_flows as known (account_id, brought, taken)
      select account_id, sum(greatest(amount, 0)), sum(greatest(-amount, 0))
        from unnest(
          ${uuidArray(flows.map(({ accountId }) => accountId))}::uuid[],
          ${bigintArray(flows.map(({ amount }) => amount))}::bigint[]
        ) as new (account_id, amount)
        group by account_id
        order by account_id
      on conflict (account_id) do update
        set brought = known.brought + excluded.brought, taken = known.taken + excluded.taken`;
}
