import type { Db, Tx } from '@andvari/kit/db/types';
import type { Watchlist } from '../domain/watchlist.ts';

/** In the user's order. */
export async function listWatchlists(db: Db | Tx, userId: string): Promise<Watchlist[]> {
  return db<Watchlist[]>`
    select id, user_id as "userId", name, symbols, version from watchlists where user_id = ${userId} order by place, id`;
}

/** Behind those that there are. */
export async function insertWatchlist(tx: Tx, { id, userId, name, symbols, version }: Watchlist): Promise<void> {
  await tx`
    insert into watchlists (id, user_id, name, place, symbols, version)
    select ${id}, ${userId}, ${name}, coalesce(max(place), 0) + 1, ${[...symbols]}::text[], ${version}
    from watchlists where user_id = ${userId}`;
}

export async function updateWatchlist(tx: Tx, { id, name, symbols, version }: Watchlist): Promise<void> {
  await tx`
    update watchlists set name = ${name}, symbols = ${[...symbols]}::text[], version = ${version} where id = ${id}`;
}

export async function deleteWatchlist(tx: Tx, id: string): Promise<void> {
  await tx`delete from watchlists where id = ${id}`;
}

export async function placeWatchlists(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`
    update watchlists w set place = ordered.place
    from unnest(${[...ids]}::uuid[]) with ordinality as ordered (id, place) where w.id = ordered.id`;
}
