import { dateFromUs } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Client } from '../domain/client.ts';

/** Whether this user, if there is one, has signed in from this address. */
export async function isKnownAddress(db: Db, email: string, address: string): Promise<boolean> {
  const [row] = await db<{ known: boolean }[]>`
    select exists (
      select from known_clients join users using (user_id) where email = ${email} and address = ${address}
    ) as known`;
  return row?.known ?? false;
}

/** True where the user has signed in before, but never from this client. */
export async function noteClient(tx: Tx, userId: string, client: Client, atUs: bigint): Promise<boolean> {
  const [row] = await tx<{ is_new: boolean; others: boolean }[]>`
    with others as materialized (select exists (select from known_clients where user_id = ${userId}) as others)
    insert into known_clients (user_id, address, user_agent, last_seen_at)
    values (${userId}, ${client.address}, ${client.userAgent}, ${dateFromUs(atUs)})
    on conflict (user_id, address, user_agent) do update set last_seen_at = excluded.last_seen_at
    returning xmax = 0 as is_new, (select others from others) as others`;
  return row !== undefined && row.is_new && row.others;
}
