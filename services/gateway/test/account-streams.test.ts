import { randomUUID } from 'node:crypto';
import { REPLAYED } from '@andvari/kit/events/replayed';
import { eventually } from '@andvari/kit/testing/eventually';
import { ExecType, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { adjustmentPosted, dividendPaid, notificationCreated, splitApplied } from '@andvari/proto/events';
import type { Order } from '@andvari/proto/order/v1/order';
import { AdjustmentPosted, DividendPaid, SplitApplied } from '@andvari/proto/portfolio/v1/events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accountEvents } from './account-events.ts';
import { listen, queries, settled, type Update } from './account-listener.ts';
import { orderIdOf, orderOf } from './fake-order.ts';
import { accountIdOf } from './fake-portfolio.ts';
import { type Answers, userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** What happens to one account, as its owner hears of it: everything, once, in order, however often they come back. */
let rig: GatewayRig;
let events: ReturnType<typeof accountEvents>;
beforeAll(async () => {
  rig = await gatewayRig({ LIMIT_PER_USER: '1000000' });
  events = accountEvents(rig.nats);
});
afterAll(() => rig.close());

const {
  EXEC_TYPE_CANCELED: CANCELED,
  EXEC_TYPE_FILL: FILL,
  EXEC_TYPE_NEW: NEW,
  EXEC_TYPE_REJECTED: REJECTED,
  EXEC_TYPE_REPLACE_REJECTED: REPLACE_REJECTED,
  EXEC_TYPE_CANCEL_REJECTED: CANCEL_REJECTED,
} = ExecType;
/** What the engine refuses it reports without anything of the order. */
const refused = {
  ordStatus: OrderStatus.ORDER_STATUS_REJECTED,
  qty: 0n,
  cumQty: 0n,
  leavesQty: 0n,
  avgPx: 0n,
  limitPx: 0n,
};

const filled = (updates: Update[]): number[] =>
  updates.flatMap(({ filledQuantity, event }) => (event ? [Number(filledQuantity)] : []));

/** Behind the first word. */
const eventsOf = (updates: Update[]): string[] => updates.slice(1).map(({ event }) => event ?? 'taken on');

/** What the order service says of somebody's order, one answer after the other, and the last of them for good. */
function orderStands(user: string, first: Partial<Order>, ...then: Partial<Order>[]): void {
  const answers = [first, ...then];
  rig.order.answers['batchGetOrders'] = () => {
    const changes = answers.length > 1 ? answers.shift() : answers[0];
    return { orders: [orderOf(user, changes)] };
  };
}

async function refusal(user: string, execType: ExecType, reason: string): Promise<Update | undefined> {
  const stream = await listen(rig, 'orderUpdates', user);
  await eventually(() => expect(stream.updates()).toHaveLength(1));
  await events.reported(user, execType, { ...refused, orderId: orderIdOf(user), reason });
  await eventually(() => expect(stream.updates()).toHaveLength(2));
  stream.close();
  return stream.updates()[1];
}

describe('orderUpdates', () => {
  test('tells of the order that was taken on and of each report, to its owner alone', async () => {
    const [ada, bob] = [userIdOf('ada'), userIdOf('bob')];
    const stream = await listen(rig, 'orderUpdates', ada);
    await eventually(() => expect(stream.updates()[0]?.is).toBe('SubscriptionStarted'));
    await events.placed(ada, randomUUID());
    await events.reported(bob, FILL);
    await events.reported(ada, NEW);
    await eventually(() => expect(stream.updates()).toHaveLength(3));
    const both = stream.updates().slice(1);
    expect(both.map(({ event }) => event ?? 'taken on').toSorted()).toEqual(['NEW', 'taken on']);
    expect(filled(both)).toEqual([events.sent]);
    stream.close();
  });

  test('what an operator has published again is no news, now or to whoever comes back', async () => {
    const user = userIdOf('heard before');
    const stream = await listen(rig, 'orderUpdates', user);
    await eventually(() => expect(stream.updates()).toHaveLength(1));
    const from = stream.updates()[0]?.position;
    const orderId = randomUUID();
    await events.placed(user, orderId);
    await events.placed(user, orderId, { [REPLAYED]: randomUUID() });
    await events.reported(user, NEW);
    await eventually(() => expect(eventsOf(stream.updates()).toSorted()).toEqual(['NEW', 'taken on']));
    stream.close();
    const again = await listen(rig, 'orderUpdates', user, from);
    await eventually(() => expect(eventsOf(again.updates()).toSorted()).toEqual(['NEW', 'taken on']));
    again.close();
  });

  test('whoever comes back misses nothing and hears nothing twice, while more arrives', async () => {
    const user = userIdOf('returning');
    const before = await listen(rig, 'orderUpdates', user);
    await eventually(() => expect(before.updates()).toHaveLength(1));
    const from = before.updates()[0]?.position;
    before.close();
    const first = events.sent + 1;
    const places: Promise<unknown>[] = [];
    for (let each = 0; each < 200; each += 1)
      places.push(events.reported(user, FILL), events.placed(user, randomUUID()));
    await Promise.all(places);
    const [after] = await Promise.all([
      listen(rig, 'orderUpdates', user, from),
      (async () => {
        for (let each = 0; each < 100; each += 1) await events.reported(user, FILL);
      })(),
    ]);
    await eventually(() => expect(filled(after.updates()).at(-1)).toBe(events.sent));
    expect(filled(after.updates())).toEqual(Array.from({ length: 300 }, (_, at) => first + at));
    expect(after.updates().filter(({ event }) => event === null)).toHaveLength(200);
    // From the middle: the rest of both streams, and nothing of what was before.
    const middle = after.updates()[250];
    after.close();
    const rest = await listen(rig, 'orderUpdates', user, middle?.position);
    await eventually(() => expect(rest.updates()).toHaveLength(after.updates().length - 250));
    expect(filled(rest.updates())).toEqual(filled(after.updates().slice(251)));
    rest.close();
  });

  test('a position of another subscription is refused, and one from another life is told as missed', async () => {
    const ada = userIdOf('ada');
    for (const wrong of ['yesterday', 'p1', 'p1.2.3']) {
      const stream = await listen(rig, 'orderUpdates', ada, wrong);
      await eventually(() => expect(JSON.stringify(stream.received)).toContain('INVALID_ARGUMENT'));
      stream.close();
    }
    const lost = await listen(rig, 'orderUpdates', ada, 'pzzzzzz.zzzzzz');
    await eventually(() => expect(lost.updates()[0]).toMatchObject({ is: 'Missed', count: null }));
    lost.close();
  });

  test.each(Object.keys(queries))('%s of another’s account is as if there were none', async (name) => {
    const stream = await listen(rig, name, userIdOf('eve'), undefined, accountIdOf(userIdOf('ada')));
    await eventually(() => expect(JSON.stringify(stream.received)).toContain('NOT_FOUND'));
    expect(stream.updates()).toEqual([]);
    stream.close();
  });

  test('a reader that does not keep up is told how many it missed, and gets them by coming back', async () => {
    const user = userIdOf('slow');
    const slow = await listen(rig, 'longWinded', user);
    await eventually(() => expect(slow.updates()).toHaveLength(1));
    slow.pause();
    const first = events.sent + 1;
    const total = 2000;
    for (let each = 0; each < total; each += 250) {
      await Promise.all(
        Array.from({ length: 250 }, () => events.reported(user, FILL, { replacedBy: 'r'.repeat(1000) })),
      );
    }
    await eventually(async () => {
      const metrics = await (await fetch(`${rig.adminUrl}/metrics`)).text();
      expect(Number(/^subscription_missed_total\{[^}]*\} (\d+)$/m.exec(metrics)?.[1] ?? 0)).toBeGreaterThan(100);
    });
    slow.resume();
    await eventually(() => expect(filled(slow.updates()).at(-1)).toBe(first + total - 1));
    const missed = slow.updates().flatMap(({ count }) => count ?? []);
    expect(filled(slow.updates()).length + missed.reduce((all, each) => all + each, 0)).toBe(total);
    const gap = slow.updates().find(({ is }) => is === 'Missed');
    slow.close();
    const again = await listen(rig, 'orderUpdates', user, gap?.since);
    await eventually(() => expect(filled(again.updates()).at(-1)).toBe(first + total - 1));
    const [start = 0] = filled(again.updates());
    expect(filled(again.updates())).toEqual(Array.from({ length: first + total - start }, (_, at) => start + at));
    again.close();
  });

  test.each([
    ['order', REJECTED],
    ['replacement', REPLACE_REJECTED],
  ])('of an %s that was sent to the engine twice, the second is not told: the order lives', async (_, execType) => {
    const user = userIdOf(`sent twice ${execType}`);
    const stream = await listen(rig, 'orderUpdates', user);
    await eventually(() => expect(stream.updates()).toHaveLength(1));
    await events.reported(user, NEW);
    await events.reported(user, execType, { ...refused, reason: 'duplicate_order_id' });
    await events.reported(user, FILL);
    await eventually(() => expect(stream.updates().at(-1)?.event).toBe('FILL'));
    expect(stream.updates().map(({ event }) => event)).toEqual([undefined, 'NEW', 'FILL']);
    stream.close();
  });

  describe('of what the engine refuses, and reports without any of its terms,', () => {
    let before: Answers;
    beforeEach(() => {
      before = { ...rig.order.answers };
    });
    afterEach(() => Object.assign(rig.order.answers, before));

    test('a cancel that came too late tells how the order is, once the order service has heard of it, too', async () => {
      const user = userIdOf('too late');
      orderStands(
        user,
        { status: OrderStatus.ORDER_STATUS_PENDING_CANCEL, cumQty: 0n, avgPx: 0n },
        { status: OrderStatus.ORDER_STATUS_FILLED, cumQty: 10_000_000n, leavesQty: 0n },
      );
      expect(await refusal(user, CANCEL_REJECTED, 'too_late')).toMatchObject({
        event: 'CANCEL_REJECTED',
        status: 'FILLED',
        quantity: '10',
        filledQuantity: '10',
        averagePrice: '186.99',
        reason: 'TOO_LATE',
      });
    });

    test('a cancel that was sent twice, or went with its group, is not told as refused: the order is cancelled', async () => {
      const user = userIdOf('cancelled twice');
      orderStands(
        user,
        { status: OrderStatus.ORDER_STATUS_PENDING_CANCEL },
        { status: OrderStatus.ORDER_STATUS_CANCELED, leavesQty: 0n },
      );
      const stream = await listen(rig, 'orderUpdates', user);
      await eventually(() => expect(stream.updates()).toHaveLength(1));
      const ended = { ordStatus: OrderStatus.ORDER_STATUS_CANCELED, reason: 'user_requested' };
      await events.reported(user, CANCELED, { ...ended, orderId: orderIdOf(user) });
      await events.reported(user, CANCEL_REJECTED, { ...refused, orderId: orderIdOf(user), reason: 'too_late' });
      await events.reported(user, NEW);
      await eventually(() =>
        expect(stream.updates().map(({ event }) => event)).toEqual([undefined, 'CANCELED', 'NEW']),
      );
      stream.close();
    });

    test('a rejection tells how many were asked for', async () => {
      const user = userIdOf('rejected');
      orderStands(user, { status: OrderStatus.ORDER_STATUS_PENDING_NEW, cumQty: 0n, avgPx: 0n });
      expect(await refusal(user, REJECTED, 'post_only_would_cross')).toMatchObject({
        event: 'REJECTED',
        status: 'REJECTED',
        quantity: '10',
        filledQuantity: '0',
      });
    });

    test('it comes all the same while the order service is away, and claims no state of an order that lives', async () => {
      const user = userIdOf('unread');
      delete rig.order.answers['batchGetOrders'];
      expect(await refusal(user, CANCEL_REJECTED, 'too_late')).toMatchObject({
        event: 'CANCEL_REJECTED',
        status: 'UNKNOWN',
      });
      expect(await refusal(user, REJECTED, 'price_invalid')).toMatchObject({ event: 'REJECTED', status: 'REJECTED' });
    });
  });

  test('fifty readers are one consumer of each stream', async () => {
    const streams = await Promise.all(
      Array.from({ length: 50 }, (_, at) => listen(rig, 'orderUpdates', userIdOf(`reader ${at % 5}`))),
    );
    await eventually(() => {
      for (const stream of streams) expect(stream.updates()).toHaveLength(1);
    });
    for (const stream of ['EXECUTIONS', 'ORDER']) {
      expect((await rig.nats.jsm.streams.info(stream)).state.consumer_count).toBe(1);
    }
    await events.reported(userIdOf('reader 1'), FILL);
    await eventually(() => expect(streams.filter(({ updates }) => updates().length === 2)).toHaveLength(10));
    for (const stream of streams) stream.close();
  });
});

test('executions are the fills, each with what it came to', async () => {
  const user = userIdOf('filled');
  const stream = await listen(rig, 'executions', user);
  await eventually(() => expect(stream.updates()).toHaveLength(1));
  await events.reported(user, NEW);
  const execId = await events.reported(user, FILL);
  await eventually(() => expect(stream.updates()).toHaveLength(2));
  expect(stream.updates()[1]?.execution).toEqual({ execId, amount: '187' });
  stream.close();
});

const kindsOf = (updates: Update[]): string[] =>
  updates.flatMap(({ is }) => (is === 'PortfolioMoved' || is === 'SubscriptionStarted' ? [] : [is]));

describe('account', () => {
  test('tells of a split and a dividend, which change what it has', async () => {
    const user = userIdOf('holder');
    const stream = await listen(rig, 'account', user);
    await eventually(() => expect(stream.updates().map(({ is }) => is)).toContain('SubscriptionStarted'));
    const of = { accountId: accountIdOf(user), userId: user, symbol: 'ACME' };
    await rig.publish(splitApplied, { ...SplitApplied.decode(new Uint8Array()), ...of });
    await rig.publish(dividendPaid, { ...DividendPaid.decode(new Uint8Array()), ...of });
    await eventually(() =>
      expect(stream.updates().filter(({ is }) => is === 'LedgerMoved')).toMatchObject([
        { change: 'SPLIT_APPLIED', filledSymbol: 'ACME' },
        { change: 'DIVIDEND_PAID', filledSymbol: 'ACME' },
      ]),
    );
    stream.close();
  });

  test('tells of an adjustment with its shares, and of money with none', async () => {
    const user = userIdOf('adjusted');
    const stream = await listen(rig, 'account', user);
    await eventually(() => expect(stream.updates().map(({ is }) => is)).toContain('SubscriptionStarted'));
    const of = { ...AdjustmentPosted.decode(new Uint8Array()), accountId: accountIdOf(user), userId: user };
    for (const asset of ['USD', 'ACME']) await rig.publish(adjustmentPosted, { ...of, asset, journalId: randomUUID() });
    await eventually(() =>
      expect(stream.updates().filter(({ is }) => is === 'LedgerMoved')).toMatchObject([
        { change: 'ADJUSTMENT_POSTED', filledSymbol: null },
        { change: 'ADJUSTMENT_POSTED', filledSymbol: 'ACME' },
      ]),
    );
    stream.close();
  });

  test('orders, ledger and inbox come under one position, with the portfolio among them', async () => {
    const user = userIdOf('everything');
    const stream = await listen(rig, 'account', user);
    await eventually(() =>
      expect(stream.updates().map(({ is }) => is)).toEqual(
        expect.arrayContaining(['SubscriptionStarted', 'PortfolioMoved']),
      ),
    );
    const from = stream.updates().find(({ is }) => is === 'SubscriptionStarted')?.position;
    await events.reported(user, FILL);
    await settled(rig, user);
    await rig.publish(notificationCreated, {
      userId: user,
      notificationId: randomUUID(),
      kind: 'order.filled',
      unreadCount: 1,
    });
    const told = ['LedgerMoved', 'NotificationArrived', 'OrderMoved'];
    await eventually(() => expect(stream.updates().map(({ is }) => is)).toEqual(expect.arrayContaining(told)));
    stream.close();
    const again = await listen(rig, 'account', user, from);
    await eventually(() =>
      expect(kindsOf(again.updates())).toEqual(['OrderMoved', 'LedgerMoved', 'NotificationArrived']),
    );
    again.close();
  });
});
