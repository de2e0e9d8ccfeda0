import { on } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { eq, sql } from 'drizzle-orm';
import type { Watchlist } from '../domain/watchlist.ts';
import { watchlists } from './schema.ts';

const { id, userId, name, symbols, version, place } = watchlists;

/** In the user's order. */
export async function listWatchlists(db: Db | Tx, ofUser: string): Promise<Watchlist[]> {
  return on(db)
    .select({ id, userId, name, symbols, version })
    .from(watchlists)
    .where(eq(userId, ofUser))
    .orderBy(place, id);
}

/** Behind those that there are. */
export async function insertWatchlist(tx: Tx, made: Watchlist): Promise<void> {
  const behind = sql`(select coalesce(max(${place}), 0) + 1 from ${watchlists} where ${userId} = ${made.userId})`;
  await on(tx)
    .insert(watchlists)
    .values({ ...made, place: behind });
}

export async function updateWatchlist(tx: Tx, changed: Watchlist): Promise<void> {
  await on(tx)
    .update(watchlists)
    .set({ name: changed.name, symbols: changed.symbols, version: changed.version })
    .where(eq(id, changed.id));
}

export async function deleteWatchlist(tx: Tx, gone: string): Promise<void> {
  await on(tx).delete(watchlists).where(eq(id, gone));
}

export async function placeWatchlists(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`
    update watchlists w set place = ordered.place
    from unnest(${[...ids]}::uuid[]) with ordinality as ordered (id, place) where w.id = ordered.id`;
}
