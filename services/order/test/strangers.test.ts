import { AppError } from '@andvari/kit/base/errors';
import { eventually } from '@andvari/kit/testing/eventually';
import { GroupType } from '@andvari/proto/engine/v1/commands';
import { operatorActed } from '@andvari/proto/events';
import type { OrderServiceService } from '@andvari/proto/order/v1/order';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refuse } from '../src/domain/refusal.ts';
import { limitBuy, listing, micro, type OrderTest, orderTest } from './order-fixture.ts';

let orders: OrderTest;
let owner: ReturnType<OrderTest['trader']>;
let order: Awaited<ReturnType<typeof owner.place>>;
beforeAll(async () => {
  orders = await orderTest();
  await eventually(() => orders.trader().place());
  owner = orders.trader();
  order = await owner.place({}, 'theirs');
});
afterAll(() => orders.service.close());

type Client = ReturnType<OrderTest['trader']>['client'];
const nothing = { qty: 0n, limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };

/** Every operation with another's account and order: [name, the call]. Whatever is added to the contract has to be added here. */
const operations: Record<keyof typeof OrderServiceService, (client: Client) => Promise<unknown>> = {
  placeOrder: (client) => client.placeOrder({ accountId: owner.accountId, clientOrderId: uuidv7(), order: limitBuy() }),
  placeGroup: (client) =>
    client.placeGroup({
      accountId: owner.accountId,
      clientOrderId: uuidv7(),
      type: GroupType.GROUP_TYPE_OTO,
      legs: [limitBuy(), limitBuy({ side: 2, limitPx: micro(120) })],
    }),
  cancelOrder: (client) => client.cancelOrder({ accountId: owner.accountId, orderId: order.id }),
  cancelAllOrders: (client) => client.cancelAllOrders({ accountId: owner.accountId, symbol: '' }),
  replaceOrder: (client) =>
    client.replaceOrder({
      accountId: '',
      orderId: order.id,
      clientOrderId: 'x',
      ...nothing,
      qty: micro(11),
    }),
  getOrder: (client) => client.getOrder({ accountId: '', key: { $case: 'orderId', value: order.id } }),
  batchGetOrders: (client) => client.batchGetOrders({ orderIds: [order.id], groupIds: [] }),
  listOrders: (client) => client.listOrders(listing(owner.accountId)),
  listOrderEvents: (client) =>
    client.listOrderEvents({ accountId: owner.accountId, orderId: order.id, page: undefined }),
  batchListOrderEvents: (client) => client.batchListOrderEvents({ orderIds: [order.id], first: 0 }),
  listExecutions: (client) =>
    client.listExecutions({
      accountId: owner.accountId,
      orderId: '',
      symbol: '',
      fromUs: 0n,
      toUs: 0n,
      page: undefined,
    }),
  batchListExecutions: (client) => client.batchListExecutions({ orderIds: [order.id], first: 0 }),
  getBlotterSummary: (client) => client.getBlotterSummary({ accountId: owner.accountId, fromUs: 0n }),
  previewOrder: (client) => client.previewOrder({ accountId: owner.accountId, clientOrderId: '', order: limitBuy() }),
  previewReplacement: (client) =>
    client.previewReplacement({ accountId: '', orderId: order.id, clientOrderId: '', ...nothing, qty: micro(11) }),
  explainOrder: (client) => client.explainOrder({ accountId: owner.accountId, orderId: order.id }),
  closePosition: (client) =>
    client.closePosition({ accountId: owner.accountId, symbol: 'ACME', clientOrderId: 'x', part: undefined }),
  closeAllPositions: (client) =>
    client.closeAllPositions({ accountId: owner.accountId, clientOrderId: 'x', cancelOrders: true }),
  getOrderStory: (client) => client.getOrderStory({ orderId: order.id }),
  liquidateAccount: (client) =>
    client.liquidateAccount({ accountId: owner.accountId, reason: 'because', idempotencyKey: 'x' }),
  fenceOrder: (client) => client.fenceOrder({ orderId: order.id }),
  importOrders: (client) => client.importOrders({ orders: [] }),
};
const names = Object.keys(operations) as (keyof typeof operations)[];

/** What asks the ledger, which refuses what is another's; the stand-in knows no owners. */
const askTheLedger = new Set([
  'placeOrder',
  'placeGroup',
  'cancelAllOrders',
  'previewOrder',
  'closePosition',
  'closeAllPositions',
]);

describe('with another’s ids', () => {
  test.each(names)('%s finds nothing and changes nothing', async (name) => {
    const stranger = orders.trader();
    orders.ledger.refuse = () => refuse('account_not_found', 'account_id');
    try {
      const answer = await operations[name](stranger.client).catch((error: unknown) => error);
      expect(JSON.stringify(answer, bigints)).not.toContain(order.id);
      if (answer instanceof Error)
        expect(['not_found', 'permission_denied', 'failed_precondition']).toContain(codeOf(answer));
    } finally {
      orders.ledger.refuse = undefined;
    }
    expect(await owner.get(order.id)).toEqual(order);
    const [count] = await orders.db`select count(*)::int as n from orders where account_id = ${owner.accountId}`;
    expect(count?.['n']).toBe(1);
  });

  test.each(names.filter((name) => askTheLedger.has(name)))(
    '%s goes to the ledger in its caller’s name',
    async (name) => {
      orders.ledger.refuse = () => refuse('account_not_found', 'account_id');
      orders.ledger.holdings = [{ symbol: 'ACME', available: micro(1) }];
      try {
        const answer = await operations[name](orders.trader().client).catch((error: unknown) => error);
        expect(JSON.stringify(answer, withReason)).toContain('account_not_found');
      } finally {
        orders.ledger.holdings = [];
        orders.ledger.refuse = undefined;
      }
    },
  );
});

describe('without a right', () => {
  test.each(names)('%s is denied', async (name) => {
    const nobody = owner.as({ scopes: [] });
    await expect(operations[name](nobody)).rejects.toMatchObject({ code: 'permission_denied' });
  });

  test.each(names)('%s is denied to the gateway itself', async (name) => {
    const gateway = owner.as({ userId: '', scopes: [], service: 'gateway' });
    await expect(operations[name](gateway)).rejects.toMatchObject({ code: 'permission_denied' });
  });
});

describe('an operator', () => {
  test('cancels anybody’s order, and the history says who did', async () => {
    const trader = orders.trader();
    const placed = await trader.place();
    await orders.operator().cancelOrder({ accountId: '', orderId: placed.id });
    const { events } = await trader.client.listOrderEvents({ accountId: '', orderId: placed.id, page: undefined });
    expect(events.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['placed', 'user'],
      ['cancel_requested', 'operator'],
    ]);
    await eventually(async () => {
      const sent = (await orders.commands()).flatMap((body) =>
        body?.$case === 'cancelOrder' && body.value.orderId === placed.id ? [body.value.byOperator] : [],
      );
      expect(sent).toEqual([true]);
    });
  });

  test('liquidates an account: everything is cancelled and what is free is sold', async () => {
    const trader = orders.trader();
    orders.ledger.owners.set(trader.accountId, trader.userId);
    const open = await trader.place();
    orders.ledger.holdings = [
      { symbol: 'ACME', available: micro(7) },
      { symbol: 'GONE', available: micro(1) },
    ];
    const request = { accountId: trader.accountId, reason: 'margin', idempotencyKey: 'l1' };
    const done = await orders.operator().liquidateAccount(request);
    orders.ledger.holdings = [];
    expect(done.cancelled.map(({ orderId }) => orderId)).toEqual([open.id]);
    expect(done.closed.map(({ symbol, outcome }) => [symbol, outcome?.$case])).toEqual([
      ['ACME', 'order'],
      ['GONE', 'refusal'],
    ]);
    expect(await trader.get(done.closed[0]?.orderId ?? '')).toMatchObject({
      userId: trader.userId,
      leavesQty: micro(7),
    });
    await eventually(async () => {
      const told = (await orders.service.published(operatorActed)).filter(
        ({ accountId }) => accountId === trader.accountId,
      );
      expect(told).toMatchObject([{ userId: trader.userId, action: 'liquidate_account', reason: 'margin' }]);
    });
  });

  test('liquidates nothing for a blank', async () => {
    const request = { accountId: orders.trader().accountId, reason: ' \u200b ', idempotencyKey: 'l2' };
    const refused = orders.operator().liquidateAccount(request);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_argument', field: 'reason' });
  });

  test('reads the whole story of an order', async () => {
    const placed = await orders.trader().place();
    await eventually(async () => {
      const story = await orders.operator().getOrderStory({ orderId: placed.id });
      expect(story.order?.id).toBe(placed.id);
      expect(story.commands).toMatchObject([{ kind: 'placeOrder', published: true }]);
      expect(story.reservation).toEqual({ asset: 'USD', amount: micro(990), remaining: micro(990), state: 'open' });
      expect(story.unavailable).toEqual([]);
    });
  });
});

function withReason(key: string, value: unknown): unknown {
  return value instanceof AppError ? value.reason : bigints(key, value);
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function codeOf(error: Error): unknown {
  return (error as { code?: unknown }).code;
}
