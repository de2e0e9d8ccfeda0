import { transaction } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import { v7 as uuidv7 } from 'uuid';
import {
  isSecurityNotice,
  type Notice,
  type Notification,
  type NotificationKind,
  render,
  type Template,
} from '../domain/notification.ts';
import { notificationCreatedEvent } from '../messages/events.ts';
import {
  addUnread,
  countUnread,
  findReaders,
  insertNotifications,
  listNotifications,
  markRead,
} from '../store/notifications.ts';
import type { Deps } from './deps.ts';

export interface NotificationDeps extends Deps {
  /** The words for a kind of news, in the reader's language where we have it. */
  template: (kind: NotificationKind, locale: string) => Template;
}

/** Those that a page may show. */
const MAX_MARKED = 100;

export function createNotifications({ db, now, append, template }: NotificationDeps) {
  return {
    /** Puts news into the inboxes of those who have one and want it, in the transaction that noted their events. */
    async notify(tx: Tx, notices: readonly Notice[]): Promise<void> {
      if (notices.length === 0) return;
      const found = await findReaders(tx, [...new Set(notices.map(({ userId }) => userId))]);
      const readers = new Map(found.map((reader) => [reader.userId, reader]));
      const made = notices.flatMap(({ userId, kind, values, subjectRef }): Notification[] => {
        const reader = readers.get(userId);
        if (reader === undefined || (reader.muted.includes(kind) && !isSecurityNotice(kind))) return [];
        const words = render(template(kind, reader.locale), values);
        return [{ id: uuidv7(), userId, kind, ...words, subjectRef, createdAtUs: now(), readAtUs: undefined }];
      });
      if (made.length === 0) return;
      await insertNotifications(tx, made);
      const unread = await addUnread(
        tx,
        made.map(({ userId }) => userId),
      );
      await append(
        tx,
        made.map((one) => notificationCreatedEvent(one, unread.get(one.userId) ?? 0)),
      );
    },

    list(query: Parameters<typeof listNotifications>[1]): Promise<Notification[]> {
      return listNotifications(db, query);
    },

    countUnread(userId: string): Promise<number> {
      return countUnread(db, userId);
    },

    /** No ids mean all. Answers how many are unread still, and the newest that were until now. */
    markRead(userId: string, ids: readonly string[]): Promise<{ unreadCount: number; marked: Notification[] }> {
      return transaction(db, async (tx) => {
        const atUs = now();
        const query = { userId, unreadOnly: true, ids, after: undefined, limit: MAX_MARKED };
        const unread = await listNotifications(tx, query);
        await markRead(tx, userId, ids, atUs);
        const marked = unread.map((one) => ({ ...one, readAtUs: atUs }));
        return { unreadCount: await countUnread(tx, userId), marked };
      });
    },
  };
}
