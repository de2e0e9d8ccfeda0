import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { onboardingChanged, userRegistered, userVerified, watchlistChanged } from '@andvari/proto/events';
import { OnboardingState, UserServiceService } from '@andvari/proto/user/v1/user';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

let user: TestService<Awaited<ReturnType<typeof start>>>;
beforeAll(async () => {
  // Many connections: on one, nothing is ever at the same time.
  user = await testService({ readConfig, start, migrations, streams: ['USER'], env: { POSTGRES_CONNECTIONS: '8' } });
});
afterAll(() => user.close());

const scopes = [
  'profile:read:own',
  'preferences:read:own',
  'preferences:update:own',
  'watchlist:read:own',
  'watchlist:update:own',
];
const as = (userId: string) => user.client(UserServiceService, { userId, scopes });
const operator = uuidv7();
const reviewing = () => user.client(UserServiceService, { userId: operator, scopes: ['onboarding:review'] });

async function registered(): Promise<string> {
  const userId = uuidv7();
  const message = { userId, email: `${userId}@example.com`, givenName: 'Ada', familyName: 'L', locale: 'en' };
  await user.publish(newEvent(userRegistered, message, { source: 'auth' }));
  await eventually(() => as(userId).getProfile({ userId }));
  return userId;
}

const names = async (userId: string) =>
  (await as(userId).listWatchlists({ userId })).watchlists.map(({ name, symbols }) => [name, ...symbols].join(' '));

const review = (userId: string, state: OnboardingState, reason = '') =>
  reviewing().reviewOnboarding({ userId, state, reason });
const verify = async (userId: string) => {
  await user.publish(newEvent(userVerified, { userId, email: '' }, { source: 'auth' }));
  await eventually(async () =>
    expect((await as(userId).getProfile({ userId })).profile?.onboardingState).toBe(
      OnboardingState.ONBOARDING_STATE_VERIFIED,
    ),
  );
};

describe('watchlists', () => {
  test('are many, named, and in the user’s order', async () => {
    const userId = await registered();
    const made = [];
    for (const name of ['Tech', 'Banks', 'Oil']) {
      const { watchlist } = await as(userId).createWatchlist({ userId, name, symbols: ['X', 'A'] });
      made.push(watchlist?.id ?? '');
    }
    expect(await names(userId)).toEqual(['Tech X A', 'Banks X A', 'Oil X A']);
    const [tech = '', banks = '', oil = ''] = made;
    const { watchlists } = await as(userId).reorderWatchlists({ userId, ids: [oil, tech, banks] });
    expect(watchlists.map(({ id }) => id)).toEqual([oil, tech, banks]);
    await as(userId).updateWatchlist({ userId, id: tech, symbols: { symbols: ['A', 'X', 'B'] } });
    await as(userId).deleteWatchlist({ userId, id: banks });
    expect(await names(userId)).toEqual(['Oil X A', 'Tech A X B']);
    await eventually(async () => {
      const told = (await user.published(watchlistChanged)).filter((event) => event.userId === userId);
      expect(told.map(({ watchlistId }) => watchlistId)).toEqual([tech, banks, oil, oil, tech, banks, tech, banks]);
    });
  });

  test('a change from an old version is refused with the current one', async () => {
    const userId = await registered();
    const { watchlist } = await as(userId).createWatchlist({ userId, name: 'Tech', symbols: [] });
    const id = watchlist?.id ?? '';
    await as(userId).updateWatchlist({ userId, id, name: 'Chips', expectedVersion: 1n });
    await expect(as(userId).updateWatchlist({ userId, id, name: 'x', expectedVersion: 1n })).rejects.toMatchObject({
      reason: 'version_conflict',
      numbers: { current: 2n },
    });
  });

  test('another’s list cannot be named, even under one’s own id', async () => {
    const [mine, yours] = [await registered(), await registered()];
    const { watchlist } = await as(yours).createWatchlist({ userId: yours, name: 'Tech', symbols: [] });
    const id = watchlist?.id ?? '';
    const notFound = { code: 'not_found', reason: 'watchlist_not_found' };
    await expect(as(mine).updateWatchlist({ userId: mine, id, name: 'x' })).rejects.toMatchObject(notFound);
    await expect(as(mine).deleteWatchlist({ userId: mine, id })).rejects.toMatchObject(notFound);
    await expect(as(mine).reorderWatchlists({ userId: mine, ids: [id] })).rejects.toMatchObject({ field: 'ids' });
    expect(await names(yours)).toEqual(['Tech']);
  });

  test('sixty made at once are fifty, all of different names', async () => {
    const userId = await registered();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) =>
        as(userId).createWatchlist({ userId, name: `list ${index}`, symbols: [] }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    expect(await names(userId)).toHaveLength(50);
    await expect(as(userId).createWatchlist({ userId, name: 'x', symbols: [] })).rejects.toMatchObject({
      reason: 'too_many_watchlists',
    });
  });

  test('a name is taken once, in whatever case and at whatever moment', async () => {
    const userId = await registered();
    const outcomes = await Promise.allSettled(
      ['Tech', 'tech', 'TECH'].map((name) => as(userId).createWatchlist({ userId, name, symbols: [] })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'already_exists' } });
  });

  test('somebody unknown has none', async () => {
    const userId = uuidv7();
    expect(await names(userId)).toEqual([]);
    await expect(as(userId).createWatchlist({ userId, name: 'x', symbols: [] })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('preferences', () => {
  test('that have changed since are not written over by whoever says from which version they went', async () => {
    const userId = await registered();
    await as(userId).updatePreferences({ userId, density: 'dense', expectedVersion: 1n });
    await expect(as(userId).updatePreferences({ userId, theme: 'light', expectedVersion: 1n })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'version_conflict',
      numbers: { current: 2n },
    });
    await as(userId).updatePreferences({ userId, theme: 'dark' });
    const { preferences } = await as(userId).getPreferences({ userId });
    expect(preferences).toMatchObject({ density: 'dense', theme: 'dark', version: 3n });
  });

  test('are the defaults until they are changed, and then remembered', async () => {
    const userId = await registered();
    const { preferences } = await as(userId).getPreferences({ userId });
    expect(preferences).toMatchObject({ theme: 'system', displayCurrency: 'USD', confirmOrders: true, version: 1n });
    await as(userId).updatePreferences({ userId, theme: 'dark', mutedNotifications: { kinds: ['order.filled'] } });
    const page = {
      colours: 'red_up',
      density: 'dense',
      hideAmounts: true,
      singleKeysOff: true,
      numberFormat: 'de-CH',
      chartTimeframe: 'hour',
      chartView: 'table',
      watchlist: 'everything',
      blotterHeight: 400,
    };
    await as(userId).updatePreferences({ userId, confirmOrders: false, ...page });
    expect((await as(userId).getPreferences({ userId })).preferences).toEqual({
      ...page,
      userId,
      theme: 'dark',
      displayCurrency: 'USD',
      confirmOrders: false,
      mutedNotifications: ['order.filled'],
      version: 3n,
    });
    await expect(as(userId).updatePreferences({ userId, theme: 'pink' })).rejects.toMatchObject({ field: 'theme' });
  });
});

describe('onboarding', () => {
  test('goes from new over verified to approved, and tells who decided', async () => {
    const userId = await registered();
    await expect(review(userId, OnboardingState.ONBOARDING_STATE_APPROVED)).rejects.toMatchObject({
      reason: 'not_verified',
    });
    await verify(userId);
    const { profile } = await review(userId, OnboardingState.ONBOARDING_STATE_APPROVED);
    expect(profile).toMatchObject({ onboardingState: OnboardingState.ONBOARDING_STATE_APPROVED, version: 3n });
    await user.publish(newEvent(userVerified, { userId, email: '' }, { source: 'auth' }));
    await eventually(async () => {
      const told = (await user.published(onboardingChanged)).filter((event) => event.userId === userId);
      expect(told.map(({ changedBy }) => changedBy)).toEqual(['service:auth', operator]);
    });
  });

  test('a rejection has a reason, which an approval takes away', async () => {
    const userId = await registered();
    await verify(userId);
    await expect(review(userId, OnboardingState.ONBOARDING_STATE_REJECTED)).rejects.toMatchObject({ field: 'reason' });
    const rejected = await review(userId, OnboardingState.ONBOARDING_STATE_REJECTED, 'blurred');
    expect(rejected.profile?.onboardingReason).toBe('blurred');
    const approved = await review(userId, OnboardingState.ONBOARDING_STATE_APPROVED);
    expect(approved.profile?.onboardingReason).toBe('');
  });

  test('an operator does not review themselves, and a state that is none is refused', async () => {
    const userId = await registered();
    await verify(userId);
    const themselves = user.client(UserServiceService, { userId, scopes: ['onboarding:review'] });
    const request = { userId, state: OnboardingState.ONBOARDING_STATE_APPROVED, reason: '' };
    await expect(themselves.reviewOnboarding(request)).rejects.toMatchObject({ reason: 'self_review' });
    await expect(review(userId, OnboardingState.ONBOARDING_STATE_UNSPECIFIED)).rejects.toMatchObject({
      field: 'state',
    });
  });
});
