import { bigintArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Db, Tx } from '@andvari/kit/db/types';

/** What these keys have ordered on a day. Their rows stay locked until the transaction ends, so that nobody counts twice. */
export async function lockUsage(tx: Tx, apiKeyIds: readonly string[], day: string): Promise<Map<string, bigint>> {
  const ids = uuidArray([...new Set(apiKeyIds)].toSorted());
  await tx`
    insert into api_key_usage (api_key_id, day) select id, ${day}::date from unnest(${ids}::uuid[]) as id order by id
    on conflict do nothing`;
  const rows = await tx<{ api_key_id: string; used: bigint }[]>`
    select api_key_id, used from api_key_usage where api_key_id = any(${ids}::uuid[]) and day = ${day}::date
    order by api_key_id for update`;
  return new Map(rows.map(({ api_key_id, used }) => [api_key_id, used]));
}

/** What a key has ordered on a day so far, for whoever only asks. */
export async function findUsage(db: Db, apiKeyId: string, day: string): Promise<bigint> {
  const [row] = await db<{ used: bigint }[]>`
    select used from api_key_usage where api_key_id = ${apiKeyId}::uuid and day = ${day}::date`;
  return row?.used ?? 0n;
}

export async function addUsage(tx: Tx, day: string, used: ReadonlyMap<string, bigint>): Promise<void> {
  if (used.size === 0) return;
  await tx`
    update api_key_usage set used = api_key_usage.used + new.used
    from unnest(${uuidArray([...used.keys()])}::uuid[], ${bigintArray([...used.values()])}::bigint[]) as new (api_key_id, used)
    where api_key_usage.api_key_id = new.api_key_id and day = ${day}::date`;
}
