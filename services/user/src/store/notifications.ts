import { isAny, on, statement, unnested } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Notification } from '../domain/notification.ts';
import { notificationCounts, notifications, preferences, profiles } from './schema.ts';

/** Somebody with an inbox. */
export interface Reader {
  readonly userId: string;
  readonly locale: string;
  readonly muted: readonly string[];
}

const readers = statement({ userIds: [profiles.userId] }, (db, { userIds }) =>
  db
    .select({
      userId: profiles.userId,
      locale: profiles.locale,
      muted: sql<readonly string[]>`coalesce(${preferences.mutedNotifications}, '{}')`,
    })
    .from(profiles)
    .leftJoin(preferences, eq(preferences.userId, profiles.userId))
    .where(isAny(profiles.userId, userIds))
    .orderBy(profiles.userId)
    .for('key share', { of: profiles }),
);

/** Those that are users of ours: the house trades too, and an account may have ended meanwhile. */
export async function findReaders(tx: Tx, userIds: readonly string[]): Promise<Reader[]> {
  return readers(tx, { userIds });
}

const insert = statement({ made: notifications }, (db, { made }) =>
  db.insert(notifications).select(unnested(notifications, made)),
);

export async function insertNotifications(tx: Tx, made: readonly Notification[]): Promise<void> {
  await insert(tx, { made });
}

/** One more for every time a user is named. In the order of the users, so that two batches never wait for each other. */
export async function addUnread(tx: Tx, userIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx<{ user_id: string; unread: number }[]>`
    insert into notification_counts (user_id, unread)
    select user_id, count(*) from unnest(${[...userIds]}::uuid[]) as user_id group by user_id order by user_id
    on conflict (user_id) do update set unread = notification_counts.unread + excluded.unread
    returning user_id, unread`;
  return new Map(rows.map((row) => [row.user_id, row.unread]));
}

const unreadOf = statement({ userId: notificationCounts.userId }, (db, { userId }) =>
  db
    .select({ unread: notificationCounts.unread })
    .from(notificationCounts)
    .where(eq(notificationCounts.userId, userId)),
);

export async function countUnread(db: Db | Tx, userId: string): Promise<number> {
  const [row] = await unreadOf(db, { userId });
  return row?.unread ?? 0;
}

/** Those that were unread are counted off; no ids mean all. */
export async function markRead(tx: Tx, userId: string, ids: readonly string[], atUs: bigint): Promise<void> {
  const { id, readAtUs } = notifications;
  const db = on(tx);
  const unread = and(eq(notifications.userId, userId), isNull(readAtUs), ids.length === 0 ? undefined : isAny(id, ids));
  const marked = db
    .$with('marked')
    .as(db.update(notifications).set({ readAtUs: atUs }).where(unread).returning({ id }));
  await db
    .with(marked)
    .update(notificationCounts)
    .set({ unread: sql`${notificationCounts.unread} - (select count(*) from ${marked})` })
    .where(eq(notificationCounts.userId, userId));
}

/** The newest first; no ids mean all. */
export async function listNotifications(
  db: Db | Tx,
  query: {
    userId: string;
    unreadOnly: boolean;
    ids: readonly string[];
    after: string | undefined;
    limit: number;
  },
): Promise<Notification[]> {
  const { userId, unreadOnly, ids, after, limit } = query;
  const rows = await on(db)
    .select()
    .from(notifications)
    .where(
      and(
        eq(notifications.userId, userId),
        unreadOnly ? isNull(notifications.readAtUs) : undefined,
        ids.length === 0 ? undefined : isAny(notifications.id, ids),
        after === undefined ? undefined : lt(notifications.id, after),
      ),
    )
    .orderBy(desc(notifications.id))
    .limit(limit);
  return rows.map((row) => ({ ...row, readAtUs: row.readAtUs ?? undefined }));
}
