import { connectDb, transaction } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';
import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { openLog } from '@andvari/kit/observe/log';
import { appendEvents } from '@andvari/kit/outbox/append';
import { committer } from '@andvari/kit/outbox/commit';
import { kitMigrations } from '@andvari/kit/service/foundation';
import { eventually } from '@andvari/kit/testing/eventually';
import { infraUrls } from '@andvari/kit/testing/infra-urls';
import { type TestDatabase, testDatabase } from '@andvari/kit/testing/test-database';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import * as events from '@andvari/proto/events';
import { DeletionState, UserServiceService } from '@andvari/proto/user/v1/user';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDeletions, type DeletionDeps } from '../src/app/deletions.ts';
import { createProfiles } from '../src/app/profiles.ts';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';
import { accountObstacle } from '../src/ports/obstacles.ts';

const tables = ['profiles', 'personal_data', 'preferences', 'watchlists', 'notifications', 'notification_counts'];

const eightTimes = (work: (nth: number) => Promise<unknown>) =>
  Promise.all(Array.from({ length: 8 }, (_, nth) => work(nth)));

describe('the saga, killed anywhere', () => {
  let database: TestDatabase;
  let db: Db;
  let userId: string;
  let nowUs = 1_800_000_000_000_000n;
  let obstacle: string | undefined;

  beforeAll(async () => {
    database = await testDatabase(infraUrls().postgresUrl, [kitMigrations, migrations]);
    // One connection: whatever waits for a second one inside a transaction would hang here.
    db = connectDb(database.url, { maxConnections: 1 });
  });
  afterAll(async () => {
    await db.end();
    await database.drop();
  });
  beforeEach(async () => {
    userId = uuidv7();
    obstacle = undefined;
    const person = { userId, email: 'a@example.com', givenName: 'Ada', familyName: '', locale: 'en' };
    await transaction(db, (tx) => createProfiles({ ...deps(), db }).create(tx, [person]));
  });

  const deps = (changes: Partial<DeletionDeps> = {}): DeletionDeps => ({
    db,
    now: () => nowUs,
    append: appendEvents,
    commit: committer(db, appendEvents, () => undefined),
    obstacles: [async () => obstacle],
    services: ['auth', 'security'],
    log: openLog('test', 'silent'),
    wakeWorker: () => undefined,
    ...changes,
  });
  /** A process of its own: it knows nothing but what the database holds. */
  const saga = (changes: Partial<DeletionDeps> = {}) => createDeletions(deps(changes));
  const erased = (service: string, changes: Partial<DeletionDeps> = {}) =>
    transaction(db, (tx) => saga(changes).partErased(tx, userId, service));
  const told = async () =>
    (
      await db<{ subject: string }[]>`select subject from outbox where subject like ${`%${userId}%`} order by position`
    ).map(({ subject }) => subject.replace(`.${userId}`, '').replace('user.', ''));
  const state = async () => (await saga().get(userId)).state;
  const HAPPY = ['deletion.requested', 'erasure.started', 'deleted'];

  /** Every step there is, in order; each is tried by a process that dies in it first. */
  const steps: ((changes?: Partial<DeletionDeps>) => Promise<unknown>)[] = [
    (changes) => saga(changes).request(userId),
    (changes) => saga(changes).step(userId),
    (changes) => saga(changes).step(userId),
    (changes) => erased('security', changes),
    (changes) => erased('auth', changes),
  ];
  const states = ['requested', 'checking', 'erasing', 'erasing', 'completed'];

  test('step by step it ends with everything erased and told once', async () => {
    for (const [index, step] of steps.entries()) {
      await step();
      expect(await state()).toBe(states[index]);
    }
    expect(await told()).toEqual(HAPPY);
    for (const table of tables)
      expect(await db.unsafe(`select from ${table} where user_id = '${userId}'`)).toHaveLength(0);
    const rows = await db`select pseudonym, waiting_for from deletions where user_id = ${userId}`;
    expect(rows).toEqual([{ pseudonym: null, waiting_for: [] }]);
  });

  test.each(steps.map((_, index) => index))('killed in step %i, before its transaction ends', async (killed) => {
    for (const [index, step] of steps.entries()) {
      if (index === killed) {
        // All is written and told of, and then the process is gone before the commit.
        const append: DeletionDeps['append'] = async (tx, made) => {
          await appendEvents(tx, made);
          if (index < steps.length - 1 || made.length > 0) throw new Error('killed');
        };
        await expect(step({ append })).rejects.toThrow('killed');
        if (index > 0) expect(await state()).toBe(states[index - 1]);
      }
      await step();
    }
    expect(await state()).toBe('completed');
    expect(await told()).toEqual(HAPPY);
  });

  test.each([0, 1, 2])('killed after step %i: a sweep of another process goes on from there', async (killed) => {
    for (const step of steps.slice(0, killed + 1)) await step();
    await saga().sweep();
    expect(await state()).toBe('erasing');
    await erased('auth');
    await erased('security');
    expect(await told()).toEqual(HAPPY);
  });

  test('every step may be taken, and every answer come, from many processes at once', async () => {
    const many = connectDb(database.url, { maxConnections: 8 });
    // The connections are made before anything is raced.
    await Promise.all(Array.from({ length: 8 }, () => many`select pg_sleep(0.01)`));
    const racing = saga({ db: many });
    for (let round = 0; round < 5; round += 1) {
      userId = uuidv7();
      const person = { userId, email: 'a@example.com', givenName: 'Ada', familyName: '', locale: 'en' };
      await transaction(db, (tx) => createProfiles(deps()).create(tx, [person]));
      await eightTimes(() => racing.request(userId));
      await eightTimes(() => racing.step(userId));
      await eightTimes(() => racing.step(userId));
      const answers = ['auth', 'security'];
      await eightTimes((nth) => transaction(many, (tx) => racing.partErased(tx, userId, answers[nth % 2] ?? '')));
      expect(await state()).toBe('completed');
      expect(await told()).toEqual(HAPPY);
    }
    await many.end();
  });

  test('is refused while something stands in the way, keeps everything, and may be asked for again', async () => {
    obstacle = 'balance_remaining';
    await saga().request(userId);
    await saga().sweep();
    expect(await saga().get(userId)).toMatchObject({
      state: 'refused',
      reason: 'balance_remaining',
      finishedAtUs: nowUs,
    });
    expect(await db`select from profiles where user_id = ${userId}`).toHaveLength(1);
    obstacle = undefined;
    await saga().request(userId);
    await saga().sweep();
    expect(await state()).toBe('erasing');
    expect(await told()).toEqual(['deletion.requested', 'deletion.refused', 'deletion.requested', 'erasure.started']);
  });

  test('nobody is erased while a neighbour cannot be asked; it is asked again, less and less often', async () => {
    let asked = 0;
    const silent = {
      obstacles: [
        () => {
          asked += 1;
          return Promise.reject(new Error('unavailable'));
        },
      ],
    };
    await saga().request(userId);
    for (let second = 0; second < 20; second += 1) {
      await saga(silent).sweep();
      nowUs += 1_000_000n;
    }
    expect(await state()).toBe('checking');
    expect(asked).toBe(5);
    nowUs += 600_000_000n;
    await saga().sweep();
    expect(await state()).toBe('erasing');
  });

  test('one that fails does not hold up another', async () => {
    const other = uuidv7();
    const person = { userId: other, email: 'b@example.com', givenName: '', familyName: '', locale: '' };
    await transaction(db, (tx) => createProfiles(deps()).create(tx, [person]));
    await saga().request(userId);
    await saga().request(other);
    const obstacles = [(id: string) => (id === userId ? Promise.reject(new Error('no')) : Promise.resolve(undefined))];
    await saga({ obstacles }).sweep();
    expect([await state(), (await saga().get(other)).state]).toEqual(['checking', 'erasing']);
  });

  test('a service that has not answered is asked again after ten minutes, with the same pseudonym', async () => {
    await saga().request(userId);
    await saga().sweep();
    await saga().sweep();
    expect(await told()).toEqual(['deletion.requested', 'erasure.started']);
    nowUs += 600_000_000n;
    await saga().sweep();
    const rows = await db<
      { payload: Uint8Array }[]
    >`select payload from outbox where subject = ${`user.erasure.started.${userId}`}`;
    expect(rows).toHaveLength(2);
    expect(new Set(rows.map(({ payload }) => events.userErasureStarted.codec.decode(payload).pseudonym)).size).toBe(1);
  });

  test('where nobody is waited for it ends at once', async () => {
    await saga({ services: [] }).request(userId);
    await saga({ services: [] }).sweep();
    expect(await state()).toBe('completed');
  });

  test('who is gone does not come back by an old registration', async () => {
    for (const step of steps) await step();
    const person = { userId, email: 'a@example.com', givenName: 'Ada', familyName: '', locale: 'en' };
    await transaction(db, (tx) => createProfiles(deps()).create(tx, [person]));
    expect(await db`select from personal_data where user_id = ${userId}`).toHaveLength(0);
  });
});

const answer = (userId: string, service: string): OutgoingEvent =>
  newEvent(events.userErased, { userId, service }, { source: service });

describe('the service', () => {
  let user: TestService<Awaited<ReturnType<typeof start>>>;
  let obstacle: string | undefined = 'open_orders';
  beforeAll(async () => {
    user = await testService({
      readConfig,
      start: (scope, config) => start(scope, config, { obstacles: [async () => obstacle] }),
      migrations,
      streams: ['USER', 'EXECUTIONS'],
      env: { POSTGRES_CONNECTIONS: '1', DELETION_SWEEP_MS: '20', DELETION_SERVICES: 'auth,portfolio' },
    });
  });
  afterAll(() => user.close());

  const as = (userId: string) =>
    user.client(UserServiceService, {
      userId,
      scopes: ['account_deletion:request:own', 'profile:read:own', 'watchlist:update:own'],
    });
  test('carries an account to its end, over a restart in the middle', async () => {
    const userId = uuidv7();
    const person = { userId, email: 'a@example.com', givenName: 'Ada', familyName: '', locale: 'en' };
    await user.publish(newEvent(events.userRegistered, person, { source: 'auth' }));
    await eventually(() => as(userId).getProfile({ userId }));
    await as(userId).createWatchlist({ userId, name: 'Tech', symbols: [] });

    const reached = (state: DeletionState) =>
      eventually(async () => expect((await as(userId).getDeletion({ userId })).deletion?.state).toBe(state));
    const { deletion } = await as(userId).requestDeletion({ userId });
    expect(deletion).toMatchObject({ userId, state: DeletionState.DELETION_STATE_REQUESTED });
    await reached(DeletionState.DELETION_STATE_REFUSED);
    expect((await as(userId).getDeletion({ userId })).deletion?.reason).toBe('open_orders');

    obstacle = undefined;
    await as(userId).requestDeletion({ userId });
    await reached(DeletionState.DELETION_STATE_ERASING);
    await user.publish(answer(userId, 'auth'), answer(userId, 'security'));
    await user.restart();
    expect(await user.published(events.userDeleted)).toEqual([]);
    await user.publish(answer(userId, 'portfolio'), { ...answer(userId, 'portfolio'), id: uuidv7() });
    await reached(DeletionState.DELETION_STATE_COMPLETED);
    await expect(as(userId).getProfile({ userId })).rejects.toMatchObject({ code: 'not_found' });
    await eventually(async () => expect(await user.published(events.userDeleted)).toHaveLength(1));
    const [started] = await user.published(events.userErasureStarted);
    const [deleted] = await user.published(events.userDeleted);
    expect(deleted).toEqual({ userId, pseudonym: started?.pseudonym });
    for (const table of tables) expect(await user.db.unsafe(`select from ${table}`)).toHaveLength(0);
  });

  test('knows nothing of a deletion that nobody asked for, nor deletes somebody unknown', async () => {
    const userId = uuidv7();
    await expect(as(userId).getDeletion({ userId })).rejects.toMatchObject({ reason: 'deletion_not_found' });
    await expect(as(userId).requestDeletion({ userId })).rejects.toMatchObject({ reason: 'profile_not_found' });
  });
});

const asked = (accounts: object[], holdings: object[], orders: object[]) =>
  accountObstacle(
    {
      listAccounts: async () => ({ accounts, pageInfo: undefined }) as never,
      listHoldings: async () => ({ holdings, pageInfo: undefined }) as never,
    },
    { listOrders: async () => ({ orders, pageInfo: undefined }) as never },
  )('u');

describe('what stands in the way', () => {
  const account = { id: 'a', cashPosted: 0n, cashReserved: 0n };

  test.each<[rule: string, accounts: object[], holdings: object[], orders: object[], obstacle: string | undefined]>([
    ['nothing, without an account', [], [], [], undefined],
    ['nothing, with an empty one', [account], [], [], undefined],
    ['money', [account, { ...account, cashPosted: 1n }], [], [], 'balance_remaining'],
    ['a debt', [{ ...account, cashPosted: -1n }], [], [], 'balance_remaining'],
    ['money that is reserved', [{ ...account, cashReserved: 1n }], [], [], 'balance_remaining'],
    ['shares', [account], [{ qty: 1n }], [], 'positions_remaining'],
    ['not what was sold whole', [account], [{ qty: 0n }], [], undefined],
    ['an open order', [account], [], [{}], 'open_orders'],
    ['an open order before the money it holds', [{ ...account, cashReserved: 1n }], [], [{}], 'open_orders'],
  ])('%s', async (_, accounts, holdings, orders, obstacle) => {
    expect(await asked(accounts, holdings, orders)).toBe(obstacle);
  });

  test('a neighbour that does not answer is no answer', async () => {
    const silent = {
      listAccounts: () => Promise.reject(new Error('away')),
      listHoldings: () => Promise.reject(new Error('away')),
    };
    await expect(accountObstacle(silent, undefined)('u')).rejects.toThrow('away');
  });
});
