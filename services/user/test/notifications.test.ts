import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { Side } from '@andvari/proto/engine/v1/commands';
import { ExecType, OrderStatus } from '@andvari/proto/engine/v1/reports';
import * as events from '@andvari/proto/events';
import { FundingState } from '@andvari/proto/portfolio/v1/portfolio';
import { OnboardingState } from '@andvari/proto/user/v1/user';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deposit, filled, type InboxWorld, inboxWorld, login, report } from './inbox-world.ts';

let world: InboxWorld;
beforeAll(async () => {
  world = await inboxWorld();
});
afterAll(() => world.user.close());

const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);

describe('the inbox', () => {
  test.each<[rule: string, event: (userId: string) => OutgoingEvent, kind: string, words: string]>([
    ['an order that was filled', filled, 'order.filled', 'buy 10 AAPL was filled at an average price of 187.25'],
    [
      'an order that was rejected',
      (id) =>
        report(id, {
          execType: ExecType.EXEC_TYPE_REJECTED,
          // The engine's report of what it does not take carries no terms.
          qty: 0n,
          side: Side.SIDE_SELL,
          reason: 'price_off_tick',
        }),
      'order.rejected',
      'sell AAPL was rejected: price off tick',
    ],
    [
      'a deposit that settled',
      (id) => deposit(id, FundingState.FUNDING_STATE_SETTLED),
      'deposit.settled',
      '1500.5 CAD',
    ],
    ['a login from a new device', (id) => login(id, true), 'auth.login.new_device', 'from 203.0.113.7 with Netscape'],
    [
      'a second factor that was switched on',
      (userId) => newEvent(events.factorEnabled, { userId }, { source: 'auth' }),
      'auth.factor.enabled',
      'a code of your device',
    ],
    [
      'a second factor that was switched off',
      (userId) => newEvent(events.factorDisabled, { userId, changedBy: userId, reason: '' }, { source: 'auth' }),
      'auth.factor.disabled',
      'switched off by you',
    ],
    [
      'a second factor that an operator took away',
      (userId) => newEvent(events.factorDisabled, { userId, changedBy: uuidv7(), reason: 'lost' }, { source: 'auth' }),
      'auth.factor.disabled',
      'switched off by an operator',
    ],
    [
      'a wrong code behind a right password',
      (userId) => newEvent(events.factorGuessed, { userId, address: '203.0.113.9' }, { source: 'auth' }),
      'auth.factor.guessed',
      'after your right password, from 203.0.113.9. If',
    ],
    [
      'a wrong code in a session',
      (userId) => newEvent(events.factorGuessed, { userId, address: '' }, { source: 'auth' }),
      'auth.factor.guessed',
      'a wrong code in a session of yours.',
    ],
    [
      'a recovery code that was used',
      (userId) => newEvent(events.factorRecoveryUsed, { userId, recoveryCodesLeft: 3 }, { source: 'auth' }),
      'auth.factor.recovery_used',
      '3 are left',
    ],
    [
      'recovery codes that were made anew',
      (userId) => newEvent(events.factorRecoveryRenewed, { userId }, { source: 'auth' }),
      'auth.factor.recovery_renewed',
      'new recovery codes',
    ],
    [
      'a password that was changed',
      (userId) => newEvent(events.passwordChanged, { userId, how: 'changed' }, { source: 'auth' }),
      'auth.password.changed',
      'of your account was changed.',
    ],
    [
      'a password that was reset',
      (userId) => newEvent(events.passwordChanged, { userId, how: 'reset' }, { source: 'auth' }),
      'auth.password.changed',
      'was reset by a link',
    ],
    [
      'an API key that was made',
      (userId) => {
        const made = { userId, apiKeyId: uuidv7(), scopes: ['order:place:own', 'order:read:own'] };
        return newEvent(events.apiKeyCreated, made, { source: 'auth' });
      },
      'auth.api_key.created',
      'it may do this: order:place:own, order:read:own.',
    ],
    [
      'a rejected onboarding',
      (userId) =>
        newEvent(
          events.onboardingChanged,
          { userId, state: OnboardingState.ONBOARDING_STATE_REJECTED, reason: 'blurred', changedBy: '' },
          { source: 'user' },
        ),
      'onboarding.rejected',
      'blurred',
    ],
  ])('is told of %s', async (_, event, kind, words) => {
    const userId = await world.registered();
    await world.user.publish(event(userId));
    const [notification] = await eventually(async () => {
      const found = await world.inbox(userId);
      expect(found).toHaveLength(1);
      return found;
    });
    expect(notification).toMatchObject({ kind, readAtUs: 0n });
    expect(notification?.body).toContain(words);
    expect(notification?.subjectRef).toMatch(/^\w+\/[0-9a-f-]{36}$/);
    await eventually(async () => {
      const told = (await world.user.published(events.notificationCreated)).filter((one) => one.userId === userId);
      expect(told).toEqual([{ userId, notificationId: notification?.id, kind, unreadCount: 1 }]);
    });
  });

  test('is not told of an order that was sent to the engine twice, and refused the second time: it lives', async () => {
    const userId = await world.registered();
    const rejected = (reason: string) => report(userId, { execType: ExecType.EXEC_TYPE_REJECTED, reason });
    await world.user.publish(rejected('duplicate_order_id'), rejected('price_off_tick'));
    // In one stream the second comes after the first.
    const found = await eventually(async () => {
      const bodies = (await world.inbox(userId)).map(({ body }) => body);
      expect(bodies).toContain('Your order to buy AAPL was rejected: price off tick.');
      return bodies;
    });
    expect(found).toHaveLength(1);
  });

  test('is not told of what is long past, as a new kind of notice hears of it', async () => {
    const userId = await world.registered();
    const changed = (how: string, time: Date) =>
      newEvent(events.passwordChanged, { userId, how }, { source: 'auth', time });
    // In one stream the second comes after the first.
    await world.user.publish(changed('changed', daysAgo(8)), changed('reset', daysAgo(6)));
    const found = await eventually(async () => {
      const bodies = (await world.inbox(userId)).map(({ body }) => body);
      expect(bodies).toContainEqual(expect.stringContaining('was reset by a link'));
      return bodies;
    });
    expect(found).toHaveLength(1);
  });

  test('is not told of what is no news: a fill in part, a known device, a deposit under way, the house', async () => {
    const [userId, house] = [await world.registered(), uuidv7()];
    const news = [filled(userId), login(userId, true), deposit(userId, FundingState.FUNDING_STATE_SETTLED)] as const;
    await world.user.publish(
      filled(userId, { ordStatus: OrderStatus.ORDER_STATUS_PARTIALLY_FILLED }),
      login(userId, false),
      deposit(userId, FundingState.FUNDING_STATE_HELD),
      filled(house),
      ...news,
    );
    const [fill, session, funding] = news.map(({ payload }) => payload) as [Uint8Array, Uint8Array, Uint8Array];
    const expected = [
      `order/${events.executionReport.codec.decode(fill).orderId}`,
      `session/${events.loginSucceeded.codec.decode(session).sessionId}`,
      `funding/${events.fundingChanged.codec.decode(funding).funding?.id}`,
    ];
    // In each stream the news comes last: once all of it is there, what is no news has been passed over.
    const found = await eventually(async () => {
      const refs = (await world.inbox(userId)).map(({ subjectRef }) => subjectRef);
      expect(refs).toEqual(expect.arrayContaining(expected));
      return refs;
    });
    expect(found).toHaveLength(3);
    expect(await world.user.db`select error from dead_letters`).toEqual([]);
  });

  test('leaves out what the user does not want to hear', async () => {
    const userId = await world.registered();
    await world.as(userId).updatePreferences({ userId, mutedNotifications: { kinds: ['order.filled'] } });
    await world.user.publish(filled(userId), login(userId, true));
    await eventually(async () => expect(await world.unread(userId)).toBe(1));
    await world.user.publish(filled(userId), deposit(userId, FundingState.FUNDING_STATE_SETTLED));
    await eventually(async () => expect(await world.unread(userId)).toBe(2));
    expect((await world.inbox(userId)).map(({ kind }) => kind)).not.toContain('order.filled');
  });

  test('is told of the account’s security, whatever is muted', async () => {
    const userId = await world.registered();
    const mute = (kinds: string[]) => world.as(userId).updatePreferences({ userId, mutedNotifications: { kinds } });
    await expect(mute(['order.filled', 'auth.factor.enabled'])).rejects.toMatchObject({
      code: 'invalid_argument',
      reason: 'security_notice',
      field: 'muted_notifications[1]',
      message: 'muted_notifications[1]: auth.factor.enabled tells of the account’s security: nobody can mute it',
    });
    await mute(['order.filled']);
    // As it was stored before it could not be muted.
    const before = ['auth.factor.disabled', 'auth.login.new_device', 'order.filled'];
    await world.user.db`update preferences set muted_notifications = ${before} where user_id = ${userId}`;
    await world.user.publish(
      newEvent(events.factorDisabled, { userId, changedBy: userId, reason: '' }, { source: 'auth' }),
      login(userId, true),
    );
    await eventually(async () => expect(await world.unread(userId)).toBe(2));
    const { preferences } = await world.as(userId).getPreferences({ userId });
    expect(preferences?.mutedNotifications).toEqual(['order.filled']);
    await mute([...(preferences?.mutedNotifications ?? []), 'deposit.settled']);
    const [row] = await world.user.db`select muted_notifications from preferences where user_id = ${userId}`;
    expect(row?.['muted_notifications']).toEqual(['deposit.settled', 'order.filled']);
  });
});
