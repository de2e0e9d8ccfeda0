import { eventually } from '@andvari/kit/testing/eventually';
import { Command } from '@andvari/proto/engine/v1/commands';
import { OrderStatus } from '@andvari/proto/engine/v1/reports';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../src/app/app.ts';
import { micro, type OrderTest, orderTest } from './order-fixture.ts';

let orders: OrderTest;
/** What each transaction told the engine. */
const transactions: string[][] = [];
let gate: Promise<void> = Promise.resolve();
let isFaulty: (command: Command) => boolean = () => false;

beforeAll(async () => {
  orders = await orderTest({
    // Nothing is sent again meanwhile.
    env: { RESUBMIT_AFTER_MS: '60000' },
    createApp: (deps) =>
      createApp({
        ...deps,
        async commit(work) {
          await gate;
          const told: string[] = [];
          const done = await deps.commit((tx, say) =>
            work(tx, (...events) => {
              say(...events);
              for (const { subject, payload } of events) {
                if (!subject.startsWith('cmd.')) continue;
                const command = Command.decode(payload);
                if (isFaulty(command)) throw new Error('a fault of this kind');
                told.push(command.body?.$case ?? '');
              }
            }),
          );
          transactions.push(told);
          return done;
        },
      }),
  });
  await eventually(() => orders.trader().place());
});
afterAll(() => orders.service.close());

/** Lets pass, all at once, what was asked while a first transaction was under way. */
async function behindOne<T>(ask: () => Promise<T>[], arrived: () => unknown): Promise<PromiseSettledResult<T>[]> {
  const opened = Promise.withResolvers<void>();
  gate = opened.promise;
  const first = orders.trader().place();
  const held = orders.ledger.held.size;
  await eventually(() => expect(orders.ledger.held.size).toBeGreaterThan(held));
  transactions.length = 0;
  const asked = Promise.allSettled(ask());
  await eventually(arrived);
  gate = Promise.resolve();
  opened.resolve();
  await first;
  return asked;
}

test('what is placed, cancelled and replaced at the same moment shares a transaction', async () => {
  const trader = orders.trader();
  const [cancelled, replaced] = [await trader.place(), await trader.place()];
  const { client, accountId } = trader;
  const unchanged = { limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };
  const replacement = { accountId, orderId: replaced.id, clientOrderId: 'next', qty: micro(12), ...unchanged };
  const answers = await behindOne(
    () => [
      client.cancelOrder({ accountId, orderId: cancelled.id }).then(({ order }) => order),
      trader.place({}, 'another'),
      client.replaceOrder(replacement).then(({ order }) => order),
    ],
    () => {
      const held = [...orders.ledger.held.values()].filter((request) => request.accountId === accountId);
      expect(held).toHaveLength(4);
    },
  );
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  expect(transactions).toEqual([['placeOrder'], ['placeOrder', 'cancelOrder', 'replaceOrder']]);
  expect((await trader.get(cancelled.id)).status).toBe(OrderStatus.ORDER_STATUS_PENDING_CANCEL);
  expect((await trader.get(replaced.id)).status).toBe(OrderStatus.ORDER_STATUS_PENDING_REPLACE);
});

test('of a cancel and a replacement of one order at the same moment the cancel is taken', async () => {
  const trader = orders.trader();
  const order = await trader.place();
  const { client, accountId } = trader;
  const unchanged = { limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };
  const replacement = { accountId, orderId: order.id, clientOrderId: 'next', qty: micro(12), ...unchanged };
  const answers = await behindOne(
    () => [client.replaceOrder(replacement), client.cancelOrder({ accountId, orderId: order.id })],
    () => expect([...orders.ledger.held.values()].some(({ replaces }) => replaces === order.id)).toBe(true),
  );
  expect(answers).toMatchObject([
    { status: 'rejected', reason: { reason: 'change_pending' } },
    { status: 'fulfilled' },
  ]);
  expect(transactions).toEqual([['placeOrder'], ['cancelOrder']]);
});

test('a fault in what is placed keeps no cancel from its place', async () => {
  const trader = orders.trader();
  const order = await trader.place();
  const { client, accountId } = trader;
  isFaulty = ({ symbol, body }) => symbol === 'OTHER' && body?.$case === 'placeOrder';
  const answers = await behindOne(
    () => [
      client.cancelOrder({ accountId, orderId: order.id }).then((answer) => answer.order),
      trader.place({ symbol: 'OTHER' }),
    ],
    () => {
      const held = [...orders.ledger.held.values()].filter((request) => request.accountId === accountId);
      expect(held).toHaveLength(2);
    },
  );
  expect(answers).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { name: 'RemoteFault' } }]);
  expect(transactions).toEqual([['placeOrder'], ['cancelOrder']]);
});
