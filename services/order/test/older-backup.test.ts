import { connectDb, transaction } from '@andvari/kit/db/db';
import { uuidArray } from '@andvari/kit/db/pg-array';
import { eventually } from '@andvari/kit/testing/eventually';
import { ExecType, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { orderIdOf } from '../src/app/order-id.ts';
import { keepEarly, takeEarly } from '../src/store/kept-reports.ts';
import { fenceOrder } from '../src/store/write-orders.ts';
import { filled, listing, micro, type OrderTest, orderTest } from './order-fixture.ts';

let orders: OrderTest;
beforeAll(async () => {
  // What nobody answers is not sent again meanwhile: that would wait for the same rows.
  orders = await orderTest({ isQuiet: async () => false });
  await eventually(() => orders.trader().place());
});
afterAll(() => orders.service.close());

/** An order's row, held by somebody else until it is let go. */
async function locked(orderId: string) {
  const own = connectDb(orders.service.env['POSTGRES_URL'] ?? '', { maxConnections: 1, statementTimeoutMs: 60_000 });
  const [isHeld, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const over = own.begin(async (tx) => {
    await tx`select from orders where id = ${orderId} for update`;
    isHeld.resolve();
    await letGo.promise;
  });
  await isHeld.promise;
  return {
    async release(): Promise<void> {
      letGo.resolve();
      await over;
      await own.end();
    },
  };
}

const waiting = () =>
  orders.db`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

describe('an older backup of the database', () => {
  test('orders that it does not have are made anew, with all that the engine said of them', async () => {
    const trader = orders.trader();
    const order = await trader.place({ postOnly: true }, 'lost');
    await eventually(async () => expect(await orders.sentFor(order.id, 'placeOrder')).not.toEqual([]));
    await orders.db`delete from orders where id = ${order.id}`;
    await orders.report({ orderId: order.id, accountId: trader.accountId });
    await orders.report({
      orderId: order.id,
      accountId: trader.accountId,
      ...filled(micro(3), { cum: micro(3), leaves: micro(7) }),
    });
    await eventually(async () => {
      const found = await trader.get(order.id);
      expect(found).toMatchObject({
        ...order,
        status: OrderStatus.ORDER_STATUS_PARTIALLY_FILLED,
        cumQty: micro(3),
        leavesQty: micro(7),
        avgPx: micro(99),
        acknowledgedAtUs: expect.any(BigInt),
        updatedAtUs: expect.any(BigInt),
        version: 3n,
      });
    });
    expect(await orders.db`select from unexpected_reports where order_id = ${order.id}`).toHaveLength(0);
    expect(await orders.db`select from early_reports`).toHaveLength(0);
  });

  test('reports wait for their order, and its client may be the one who brings it back', async () => {
    const trader = orders.trader();
    const id = orderIdOf(trader.accountId, 'mine');
    await orders.report({ orderId: id, accountId: trader.accountId });
    await eventually(async () =>
      expect(await orders.db`select from early_reports where order_id = ${id}`).toHaveLength(1),
    );
    await trader.place({}, 'mine');
    await eventually(async () => expect((await trader.get(id)).status).toBe(OrderStatus.ORDER_STATUS_NEW));
  });

  test('what came early is taken for an order that is there, and stays for a fence and for nobody', async () => {
    const trader = orders.trader();
    const there = (await trader.place()).id;
    const [fenced, absent] = [uuidv7(), uuidv7()];
    const all = [there, fenced, absent];
    await transaction(orders.db, async (tx) => {
      await fenceOrder(tx, fenced, 1n);
      await keepEarly(
        tx,
        all.flatMap((orderId) =>
          [1, 2].map((payload) => ({
            execId: `${payload} of ${orderId}`,
            orderId,
            accountId: trader.accountId,
            payload: Uint8Array.of(payload),
            recordedAtUs: 1n,
          })),
        ),
      );
      expect((await takeEarly(tx, all)).map(([first]) => first)).toEqual([1, 2]);
      const left = await tx<{ orderId: string }[]>`
        delete from early_reports where order_id = any(${uuidArray(all)}::uuid[]) returning order_id as "orderId"`;
      expect(left.map(({ orderId }) => orderId).toSorted()).toEqual([fenced, fenced, absent, absent].toSorted());
    });
  });

  test('an order that comes while its reports are being read misses none of them', async () => {
    const trader = orders.trader();
    const { accountId } = trader;
    const [first, second] = [(await trader.place()).id, (await trader.place()).id];
    const late = orderIdOf(accountId, 'late');
    await orders.report({ orderId: late, accountId });
    const kept = () => orders.db`select from early_reports where order_id = ${late}`;
    await eventually(async () => expect(await kept()).toHaveLength(1));
    const [holdsFirst, holdsSecond] = [await locked(first), await locked(second)];
    try {
      // One batch waits for the first order, so that what comes meanwhile is the next: it looks for its orders and waits for the second.
      await orders.report({ orderId: first, accountId });
      await eventually(async () => expect(await waiting()).toHaveLength(1));
      await orders.report({ orderId: second, accountId });
      await orders.report({ orderId: late, accountId, ...filled(micro(3), { cum: micro(3), leaves: micro(7) }) });
      await holdsFirst.release();
      await eventually(async () => {
        expect((await trader.get(first)).status).toBe(OrderStatus.ORDER_STATUS_NEW);
        expect(await waiting()).toHaveLength(1);
      });
      // It has looked, and this one was not there.
      await trader.place({}, 'late');
    } finally {
      await holdsFirst.release();
      await holdsSecond.release();
    }
    await eventually(async () =>
      expect(await trader.get(late)).toMatchObject({
        status: OrderStatus.ORDER_STATUS_PARTIALLY_FILLED,
        cumQty: micro(3),
        version: 3n,
      }),
    );
    await eventually(async () => expect(await kept()).toHaveLength(0));
    expect(await orders.db`select from unexpected_reports where order_id = ${late}`).toHaveLength(0);
  });

  test('a whole database of before is brought up to date from the stream', async () => {
    const trader = orders.trader();
    const [before, after] = [await trader.place({}, 'before'), await trader.place({}, 'after')];
    await orders.db`create table backup as select * from orders where id = ${before.id}`;
    const [position] = await orders.db`select * from inbox_positions where consumer = 'order-executions'`;
    for (const { id } of [before, after]) {
      await orders.report({ orderId: id, accountId: trader.accountId });
      await orders.report({
        orderId: id,
        accountId: trader.accountId,
        ...filled(micro(10), { cum: micro(10), leaves: 0n }),
      });
    }
    const isDone = async () => {
      for (const { id } of [before, after]) expect((await trader.get(id)).status).toBe(OrderStatus.ORDER_STATUS_FILLED);
    };
    await eventually(isDone);
    await orders.db`delete from orders where id in (${before.id}, ${after.id})`;
    await orders.db`insert into orders select * from backup`;
    await orders.db`delete from order_events where account_id = ${trader.accountId}`;
    await orders.db`delete from inbox where received_at > now() - interval '1 hour'`;
    await orders.db`
      update inbox_positions set stream_sequence = ${position?.['stream_sequence']}, event_id = ${position?.['event_id']}
      where consumer = 'order-executions'`;
    await orders.service.restart();
    await eventually(isDone);
    const { orders: listed } = await trader.client.listOrders(listing(trader.accountId));
    expect(listed.map(({ clientOrderId }) => clientOrderId)).toEqual(['after', 'before']);
  });
});

describe('reports that do not fit', () => {
  test('are kept and told of, and the next ones are applied', async () => {
    const trader = orders.trader();
    const order = await trader.place();
    const of = { orderId: order.id, accountId: trader.accountId };
    await orders.report({ ...of, ...filled(micro(10), { cum: micro(10), leaves: 0n }) });
    const late = await orders.report({
      ...of,
      execType: ExecType.EXEC_TYPE_CANCELED,
      ordStatus: OrderStatus.ORDER_STATUS_CANCELED,
    });
    const other = await trader.place();
    await orders.report({ ...of, orderId: other.id });
    await eventually(async () => expect((await trader.get(other.id)).status).toBe(OrderStatus.ORDER_STATUS_NEW));
    expect((await trader.get(order.id)).status).toBe(OrderStatus.ORDER_STATUS_FILLED);
    const kept = await orders.db`select exec_id, why from unexpected_reports where order_id = ${order.id} order by id`;
    expect(kept.map((row) => row['why'])).toEqual(['gap', 'order_ended']);
    expect(kept[1]?.['exec_id']).toBe(late.execId);
    const story = await orders.operator().getOrderStory({ orderId: order.id });
    expect(story.unexpectedReports.map(({ why }) => why)).toEqual(['gap', 'order_ended']);
  });

  test('the same report twice is applied once', async () => {
    const trader = orders.trader();
    const order = await trader.place();
    const of = { orderId: order.id, accountId: trader.accountId };
    const twice = { ...of, execId: `twice-${order.id}`, ...filled(micro(4), { cum: micro(4), leaves: micro(6) }) };
    await orders.report(of);
    await orders.report(twice);
    await orders.report(twice);
    await orders.report({ ...of, ...filled(micro(6), { cum: micro(10), leaves: 0n }) });
    await eventually(async () => expect((await trader.get(order.id)).status).toBe(OrderStatus.ORDER_STATUS_FILLED));
    const fills = await orders.db`select from order_events where order_id = ${order.id} and kind = 'fill'`;
    expect(fills).toHaveLength(2);
  });
});
