import { invalid } from '@andvari/kit/base/errors';
import { subjectOf } from '@andvari/kit/events/event';
import { notificationCreated } from '@andvari/proto/events';
import type { NotificationCreated } from '@andvari/proto/user/v1/events';
import type { Notification as NotificationMessage } from '@andvari/proto/user/v1/user';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf, MAX_FIRST } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { loadEach } from '../find-node.ts';
import { refusals, refusing } from '../refusals.ts';
import { timeOrNull } from '../scalars.ts';
import { type Item, positionFrom, sinceFrom, subscriptionUpdate } from '../subscription.ts';
import { textOrNull } from '../text.ts';
import { signedIn } from '../viewer-scope.ts';
import { NotificationKind } from './notification-kind.ts';

/** A node by way of the viewer's own: nobody reads another's. */
const Notification = builder.loadableNodeRef<NotificationMessage>('Notification', {
  id: { resolve: ({ id }) => id },
  load: loadNotifications,
});

Notification.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'subjectRef' in value,
  description: 'Something that its user was told of.',
  fields: (t) => ({
    kind: t.field({
      type: NotificationKind.type,
      description: 'The kind of event it tells of.',
      resolve: ({ kind }) => NotificationKind.from(kind),
    }),
    title: t.exposeString('title', { description: 'One line of plain text.' }),
    body: t.exposeString('body', { description: 'The rest of it, plain text.' }),
    subjectRef: t.string({
      nullable: true,
      description: 'What it is about: `order/…`; null where it is about nothing that has an id.',
      resolve: ({ subjectRef }) => textOrNull(subjectRef),
    }),
    createdAt: t.field({ type: 'DateTime', description: 'When it came.', resolve: ({ createdAtUs }) => createdAtUs }),
    readAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was marked read; null until then.',
      resolve: ({ readAtUs }) => timeOrNull(readAtUs),
    }),
  }),
});

const Inbox = builder.objectRef<{ unreadCount: number }>('Inbox').implement({
  description: 'A user’s notifications, counted.',
  fields: (t) => ({ unreadCount: t.exposeInt('unreadCount', { description: 'How many are unread.' }) }),
});

const MarkedRead = builder
  .objectRef<{ inbox: { unreadCount: number }; notifications: NotificationMessage[] }>('MarkedRead')
  .implement({
    description: 'Notifications that were marked read just now.',
    fields: (t) => ({
      inbox: t.field({ type: Inbox, description: 'As it is now.', resolve: ({ inbox }) => inbox }),
      notifications: t.field({
        type: [Notification],
        description: 'Those that were unread until now, the newest first; 100 at the most.',
        resolve: ({ notifications }) => notifications,
      }),
    }),
  });

builder.queryFields((t) => ({
  notifications: t.connection(
    {
      type: Notification,
      nullable: true,
      description: 'One’s own notifications, the newest first.',
      complexity: connectionCost,
      authScopes: { may: 'notification:read' },
      args: {
        unreadOnly: t.arg.boolean({ required: true, defaultValue: false, description: 'Those that are unread alone.' }),
      },
      resolve: (_, { unreadOnly, ...args }, context) =>
        connectionOf(args, async (page) => {
          const { userId } = signedIn(context);
          const answer = await context.clients.user.listNotifications({ userId, unreadOnly, page, ids: [] });
          return { rows: answer.notifications, pageInfo: answer.pageInfo };
        }),
    },
    { name: 'NotificationConnection' },
    { name: 'NotificationEdge' },
  ),
  inbox: t.field({
    type: Inbox,
    nullable: true,
    description: 'One’s own notifications, counted.',
    authScopes: { may: 'notification:read' },
    resolve: async (_, _args, context) => {
      const { count } = await context.clients.user.countUnreadNotifications({ userId: signedIn(context).userId });
      return { unreadCount: count };
    },
  }),
}));

builder.mutationField('markNotificationsRead', (t) =>
  t.field({
    type: MarkedRead,
    nullable: true,
    description: 'Marks notifications read. Those that are so already stay as they are.',
    errors: refusals(),
    authScopes: { may: 'notification:update' },
    args: {
      ids: t.arg.globalIDList({ required: false, description: 'Without it, all of them.' }),
    },
    resolve: async (_, { ids }, context) => {
      if (ids?.length === 0) throw invalid('ids', 'should name at least one, or be left out');
      if (ids?.some(({ typename }) => typename !== 'Notification')) throw invalid('ids', 'are not all notifications');
      const request = { userId: signedIn(context).userId, ids: ids?.map(({ id }) => id) ?? [] };
      const { unreadCount, marked } = await refusing(context.clients.user.markNotificationsRead(request));
      return { inbox: { unreadCount }, notifications: marked };
    },
  }),
);

export const NotificationArrived = builder.objectRef<Item<NotificationCreated>>('NotificationArrived').implement({
  description: 'There is a new notification.',
  fields: (t) => ({
    position: t.string({ description: 'Where this is.', resolve: ({ position }) => positionFrom(position) }),
    notificationId: t.globalID({
      description: 'The global id of the notification.',
      resolve: ({ item }) => ({ type: 'Notification', id: item.notificationId }),
    }),
    kind: t.field({
      type: NotificationKind.type,
      description: 'The kind of event it tells of.',
      resolve: ({ item }) => NotificationKind.from(item.kind),
    }),
    unreadCount: t.int({ description: 'How many are unread by then.', resolve: ({ item }) => item.unreadCount }),
    notification: t.field({
      type: Notification,
      nullable: true,
      description: 'As it is in the inbox now; null when it is no longer there.',
      resolve: async ({ item: { userId, notificationId } }, _args, { clients }) => {
        const ids = [notificationId];
        const { notifications } = await clients.user.listNotifications({
          userId,
          unreadOnly: false,
          page: undefined,
          ids,
        });
        return notifications[0] ?? null;
      },
    }),
  }),
});

const NotificationUpdate = subscriptionUpdate('NotificationUpdate', NotificationArrived);

builder.subscriptionField('notifications', (t) =>
  t.field({
    type: NotificationUpdate,
    description: 'One’s own notifications as they come.',
    authScopes: { may: 'notification:read' },
    args: { since: t.arg.string({ description: 'The position that was seen last; without it, from now on.' }) },
    subscribe: (_, { since }, context) => {
      const { userId } = signedIn(context);
      const subject = subjectOf(notificationCreated, { userId } as NotificationCreated);
      return context.feeds.notifications.read(subject, { since: sinceFrom(since, context), signal: context.signal() });
    },
    resolve: (delivery) => delivery,
  }),
);

async function loadNotifications(ids: string[], context: GatewayContext): Promise<(NotificationMessage | Error)[]> {
  const { userId } = signedIn(context);
  const asked = { userId, unreadOnly: false, page: { first: MAX_FIRST, after: '' }, ids };
  const { notifications } = await context.clients.user.listNotifications(asked);
  const found = new Map(notifications.map((notification) => [notification.id, notification]));
  return loadEach(ids, (id) => Promise.resolve(found.get(id)));
}
