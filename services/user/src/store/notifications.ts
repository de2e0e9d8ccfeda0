import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Notification } from '../domain/notification.ts';

/** Somebody with an inbox. */
export interface Reader {
  readonly userId: string;
  readonly locale: string;
  readonly muted: readonly string[];
}

/** Those that are users of ours: the house trades too, and an account may have ended meanwhile. */
export async function findReaders(tx: Tx, userIds: readonly string[]): Promise<Reader[]> {
  return tx<Reader[]>`
    select user_id as "userId", locale, coalesce(muted_notifications, '{}') as muted
    from profiles left join preferences using (user_id)
    where user_id = any(${[...userIds]}::uuid[])
    order by user_id for key share of profiles`;
}

export async function insertNotifications(tx: Tx, made: readonly Notification[]): Promise<void> {
  await tx`
    insert into notifications (id, user_id, kind, title, body, subject_ref, created_at)
    select * from unnest(
      ${made.map(({ id }) => id)}::uuid[],
      ${made.map(({ userId }) => userId)}::uuid[],
      ${made.map(({ kind }) => kind)}::text[],
      ${made.map(({ title }) => title)}::text[],
      ${made.map(({ body }) => body)}::text[],
      ${made.map(({ subjectRef }) => subjectRef)}::text[],
      ${tx.array(made.map(({ createdAtUs }) => dateFromUs(createdAtUs)))}::timestamptz[]
    )`;
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

export async function countUnread(db: Db | Tx, userId: string): Promise<number> {
  const [row] = await db<{ unread: number }[]>`select unread from notification_counts where user_id = ${userId}`;
  return row?.unread ?? 0;
}

/** Those that were unread are counted off; no ids mean all. */
export async function markRead(tx: Tx, userId: string, ids: readonly string[], atUs: bigint): Promise<void> {
  await tx`
    with marked as (
      update notifications set read_at = ${dateFromUs(atUs)}
      where user_id = ${userId} and read_at is null
        ${ids.length === 0 ? tx`` : tx`and id = any(${[...ids]}::uuid[])`}
      returning id
    )
    update notification_counts set unread = unread - (select count(*) from marked) where user_id = ${userId}`;
}

/** The newest first. */
export async function listNotifications(
  db: Db,
  query: { userId: string; unreadOnly: boolean; after: string | undefined; limit: number },
): Promise<Notification[]> {
  const { userId, unreadOnly, after, limit } = query;
  const rows = await db<NotificationRow[]>`
    select id, user_id, kind, title, body, subject_ref, created_at, read_at from notifications
    where user_id = ${userId}
      ${unreadOnly ? db`and read_at is null` : db``}
      ${after === undefined ? db`` : db`and id < ${after}`}
    order by id desc limit ${limit}`;
  return rows.map(fromRow);
}

interface NotificationRow {
  id: string;
  user_id: string;
  kind: string;
  title: string;
  body: string;
  subject_ref: string;
  created_at: Date;
  read_at: Date | null;
}

function fromRow(row: NotificationRow): Notification {
  return {
    id: row.id,
    userId: row.user_id,
    kind: row.kind,
    title: row.title,
    body: row.body,
    subjectRef: row.subject_ref,
    createdAtUs: usFromDate(row.created_at),
    readAtUs: row.read_at === null ? undefined : usFromDate(row.read_at),
  };
}
