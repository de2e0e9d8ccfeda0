import { dateFromUs } from '@andvari/kit/base/clock';
import { statement } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, eq } from 'drizzle-orm';
import type { Client } from '../domain/client.ts';
import { knownClients, users } from './schema.ts';

const findKnown = statement({ email: users.email, address: knownClients.address }, (db, { email, address }) =>
  db
    .select({ address: knownClients.address })
    .from(knownClients)
    .innerJoin(users, eq(users.userId, knownClients.userId))
    .where(and(eq(users.email, email), eq(knownClients.address, address)))
    .limit(1),
);

/** Whether this user, if there is one, has signed in from this address. */
export async function isKnownAddress(db: Db, email: string, address: string): Promise<boolean> {
  return (await findKnown(db, { email, address })).length > 0;
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
