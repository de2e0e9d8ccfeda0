import { eventually } from '@andvari/kit/testing/eventually';
import { GroupType } from '@andvari/proto/engine/v1/commands';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type App, createApp } from '../src/app/app.ts';
import { bracketLegs, micro, type OrderTest, orderTest } from './order-fixture.ts';

let orders: OrderTest;
/** Two processes of the service, each with a lane of its own. */
let one: App;
let other: App;
/** Each transaction, when all of it is written and none of it is committed. */
let beforeCommit = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  orders = await orderTest({
    env: { RESUBMIT_AFTER_MS: '3600000' },
    createApp: (given) => {
      const deps: typeof given = {
        ...given,
        commit: (work) =>
          given.commit(async (tx, say) => {
            const done = await work(tx, say);
            await beforeCommit();
            return done;
          }),
      };
      [one, other] = [createApp(deps), createApp(deps)];
      return one;
    },
  });
  await eventually(() => orders.trader().place());
});
afterAll(() => orders.service.close());
beforeEach(() => {
  beforeCommit = () => Promise.resolve();
});

/** Buy at 99, sell at 110 or from 90 on; each of two changes fits it, and both together lie past each other. */
async function bracket() {
  const { accountId, userId, client } = orders.trader();
  const group = { accountId, clientOrderId: 'mine', type: GroupType.GROUP_TYPE_BRACKET, legs: bracketLegs() };
  const placed = await client.placeGroup(group);
  const request = (leg: number, clientOrderId: string, prices: { limitPx?: bigint; stopPx?: bigint }) => ({
    accountId,
    userId,
    clientOrderId,
    apiKeyId: undefined,
    dailyCap: undefined,
    orderId: placed.orders[leg]?.id ?? '',
    change: { qty: 0n, limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n, ...prices },
    actor: { kind: 'user', id: userId } as const,
  });
  return {
    accountId,
    entryDown: request(0, 'entry-down', { limitPx: micro(92) }),
    stopUp: request(2, 'stop-up', { stopPx: micro(95) }),
    profitDown: request(1, 'profit-down', { limitPx: micro(100) }),
  };
}

const refused = {
  status: 'rejected',
  reason: { reason: 'exit_on_wrong_side', numbers: { stop: micro(95), entry: micro(92) } },
};

const openPrices = (accountId: string) =>
  orders.db`
    select client_order_id, limit_px, asked_stop_px from orders
    where account_id = ${accountId} and replaces is not null order by client_order_id`;

test('of two legs that are replaced past each other by two processes at the same moment, the second is refused', async () => {
  const { accountId, entryDown, stopUp } = await bracket();
  const [written, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let reached = 0;
  beforeCommit = async () => {
    reached += 1;
    written.resolve();
    await opened.promise;
  };
  const first = one.changing.replace(entryDown);
  await written.promise;
  const second = other.changing.replace(stopUp);
  const settled = Promise.allSettled([first, second]);
  await eventually(async () => {
    const waiting = await orders.db`
      select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    expect(waiting.length > 0 || reached > 1).toBe(true);
  });
  opened.resolve();
  expect(await settled).toMatchObject([{ status: 'fulfilled' }, refused]);
  expect(await openPrices(accountId)).toEqual([
    { client_order_id: 'entry-down', limit_px: micro(92), asked_stop_px: 0n },
  ]);
  // What the second held is given back, and nothing else of its group.
  const held = [...orders.ledger.held.values()].filter((reservation) => reservation.accountId === accountId);
  expect(held).toHaveLength(4);
});

test('nor by one, in one transaction; a third leg that fits both is replaced', async () => {
  const { accountId, entryDown, stopUp, profitDown } = await bracket();
  const [written, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  beforeCommit = async () => {
    written.resolve();
    await opened.promise;
  };
  const before = orders.trader().place();
  await written.promise;
  const asked = [entryDown, stopUp, profitDown].map((request) => one.changing.replace(request));
  const settled = Promise.allSettled(asked);
  await eventually(() => {
    const held = [...orders.ledger.held.values()].filter((reservation) => reservation.accountId === accountId);
    expect(held).toHaveLength(6);
  });
  opened.resolve();
  await before;
  const answers = await settled;
  expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(answers[2]).toMatchObject({ status: 'fulfilled' });
  expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { reason: 'exit_on_wrong_side' },
  });
});
