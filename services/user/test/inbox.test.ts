import { eventually } from '@andvari/kit/testing/eventually';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filled, type InboxWorld, inboxWorld } from './inbox-world.ts';

let world: InboxWorld;
beforeAll(async () => {
  world = await inboxWorld();
});
afterAll(() => world.user.close());

describe('the inbox', () => {
  test('holds what was told twice once, across a restart too', async () => {
    const userId = await world.registered();
    const event = filled(userId);
    await world.user.publish(event, { ...event, id: uuidv7() });
    await eventually(async () => expect(await world.unread(userId)).toBe(1));
    await world.user.restart();
    await world.user.publish({ ...event, id: uuidv7() }, filled(userId));
    await eventually(async () => expect(await world.unread(userId)).toBe(2));
    expect(await world.inbox(userId)).toHaveLength(2);
  });

  test('comes in pages, the newest first, and what comes in meanwhile moves nothing', async () => {
    const userId = await world.registered();
    await world.user.publish(...Array.from({ length: 7 }, () => filled(userId)));
    await eventually(async () => expect(await world.unread(userId)).toBe(7));
    const all = (await world.inbox(userId)).map(({ id }) => id);
    const found: string[] = [];
    for (let after = ''; ; ) {
      const { notifications, pageInfo } = await world.as(userId).listNotifications({
        userId,
        unreadOnly: true,
        page: { first: 3, after },
        ids: [],
      });
      found.push(...notifications.map(({ id }) => id));
      if (found.length === 3) {
        await world.user.publish(filled(userId));
        await eventually(async () => expect(await world.unread(userId)).toBe(8));
      }
      if (pageInfo?.hasNextPage !== true) break;
      after = pageInfo.endCursor;
    }
    expect(found).toEqual(all);
    expect(all).toEqual(all.toSorted((a, b) => (a > b ? -1 : 1)));
  });
});

describe('marking read', () => {
  test('counts each off once, however often and however many at once', async () => {
    const userId = await world.registered();
    await world.user.publish(...Array.from({ length: 5 }, () => filled(userId)));
    await eventually(async () => expect(await world.unread(userId)).toBe(5));
    const [one = '', two = ''] = (await world.inbox(userId)).map(({ id }) => id);
    await Promise.all(
      Array.from({ length: 8 }, () => world.as(userId).markNotificationsRead({ userId, ids: [one, two, one] })),
    );
    expect(await world.unread(userId)).toBe(3);
    expect(await world.inbox(userId, true)).toHaveLength(3);
    const [third = '', fourth = '', fifth = ''] = (await world.inbox(userId, true)).map(({ id }) => id);
    const { unreadCount, marked } = await world.as(userId).markNotificationsRead({ userId, ids: [] });
    expect(unreadCount).toBe(0);
    expect(marked.map(({ id }) => id)).toEqual([third, fourth, fifth]);
    expect(marked.every(({ readAtUs }) => readAtUs > 0n)).toBe(true);
    const named = await world
      .as(userId)
      .listNotifications({ userId, unreadOnly: false, page: undefined, ids: [one, fifth] });
    expect(named.notifications.map(({ id }) => id)).toEqual([one, fifth]);
    const [row] = await world.user
      .db`select count(*)::int as n from notifications where user_id = ${userId} and read_at is null`;
    expect(row?.['n']).toBe(0);
  });

  test('leaves another’s alone', async () => {
    const [mine, yours] = [await world.registered(), await world.registered()];
    await world.user.publish(filled(mine), filled(yours));
    await eventually(async () => expect((await world.unread(mine)) + (await world.unread(yours))).toBe(2));
    const ids = (await world.inbox(yours)).map(({ id }) => id);
    expect(await world.as(mine).markNotificationsRead({ userId: mine, ids })).toEqual({ unreadCount: 1, marked: [] });
    const asked = { userId: mine, unreadOnly: false, page: undefined, ids };
    expect((await world.as(mine).listNotifications(asked)).notifications).toEqual([]);
    expect(await world.unread(yours)).toBe(1);
  });
});
