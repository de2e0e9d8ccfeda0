import { AppError } from '@andvari/kit/base/errors';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { orderIdOf } from './fake-order.ts';
import { accountIdOf } from './fake-portfolio.ts';
import { userIdOf } from './fake-service.ts';
import type { GatewayRig } from './gateway-rig.ts';
import { ADA, account, forgetCalls, OTHER, order, PLACE, tradingRig } from './trading-rig.ts';

/** What the schema makes of what the services say, with one call for each list. */
let rig: GatewayRig;
let token: string;
beforeAll(async () => {
  ({ rig, token } = await tradingRig());
});
afterAll(() => rig.close());
beforeEach(() => forgetCalls(rig));

test('an order goes to the service in its own words, exactly, and has a name of its own where none is given', async () => {
  const trailing = { symbol: 'ACME', side: 'SELL', type: 'TRAILING_STOP', quantity: '0.000001', trailPercent: '2.5' };
  await rig.ask({ query: PLACE, token, variables: { order: trailing } });
  await rig.ask({ query: PLACE, token, variables: { order: trailing } });
  const [first, second] = rig.order.callsOf('placeOrder').map(({ request }) => request);
  expect(first).toMatchObject({ accountId: account, order: { qty: 1n, trailPercent: 25_000n, timeInForce: 1 } });
  expect(first?.['clientOrderId']).toMatch(/^[0-9a-f-]{36}$/);
  expect(second?.['clientOrderId']).not.toBe(first?.['clientOrderId']);
  const finer = await rig.ask({ query: PLACE, token, variables: { order: { ...trailing, trailPercent: '2.50001' } } });
  expect(finer.errors).toEqual([]);
  expect(finer.data).toMatchObject({ placeOrder: { is: 'InvalidInput', field: 'order.trailPercent' } });
});

test('many are answered one by one', async () => {
  const { data } = await rig.ask({
    query: `mutation { cancelAllOrders(accountId: "${account}") { ... on CancelledOrders { requested hasMore results {
      symbol orderId order { status } refusal { is: __typename code ... on InsufficientBuyingPower { shortBy currency } } } } } }`,
    token,
  });
  expect(data).toMatchObject({
    cancelAllOrders: {
      requested: 2,
      results: [
        { symbol: 'ACME', orderId: orderIdOf(ADA), refusal: null },
        { symbol: 'GLOBEX', order: null, refusal: { is: 'InsufficientBuyingPower', shortBy: '5', currency: 'USD' } },
      ],
    },
  });
});

test('a list of orders asks once for all their fills, histories, legs and instruments', async () => {
  const { data, errors } = await rig.ask({
    query: `{ orders(accountId: "${account}") { nodes { id instrument { name } executions { price } history { kind } legs { groupLeg } } } }`,
    token,
  });
  expect(errors).toEqual([]);
  expect((data as { orders: { nodes: unknown[] } }).orders.nodes).toHaveLength(2);
  const calls = [...rig.order.calls, ...rig.stock.calls].map(({ method }) => method).toSorted();
  expect(calls).toEqual([
    'batchGetOrders',
    'batchListExecutions',
    'batchListOrderEvents',
    'getInstruments',
    'listOrders',
  ]);
});

test('holdings ask once for all quotes, and for none that are in memory', async () => {
  const query = `{ account(id: "${account}") { holdings { nodes { symbol marketValue unrealizedPnl dayPnl quote { last } } } } }`;
  const before = await rig.ask({ query, token });
  expect(before.errors).toEqual([]);
  expect(rig.stock.callsOf('getQuotes')).toHaveLength(1);
  const after = await rig.ask({ query, token });
  expect(rig.stock.callsOf('getQuotes')).toHaveLength(1);
  expect(after.data).toEqual(before.data);
  expect(JSON.stringify(after.data)).toContain('"marketValue":"1872.5"');
  // Six from the close at 185, four from the 744 that were paid.
  expect(JSON.stringify(after.data)).toContain('"dayPnl":"18.5"');
});

test('an activity says of which order it is, and what was gained where something was sold, a part of a share by a split as well', async () => {
  const query = `{ account(id: "${account}") { activities { nodes { type orderId realizedPnl } } } }`;
  const { data, errors } = await rig.ask({ query, token });
  expect(errors).toEqual([]);
  expect((data as { account: { activities: { nodes: object[] } } }).account.activities.nodes).toEqual([
    { type: 'BUY', orderId: userIdOf('an order'), realizedPnl: null },
    { type: 'SELL', orderId: userIdOf('an order'), realizedPnl: '10' },
    { type: 'SPLIT', orderId: null, realizedPnl: '-0.5' },
    { type: 'SPLIT', orderId: null, realizedPnl: null },
  ]);
});

test('whoever may place, cancel, open, fund or make a list sees what came of it, without the right to read others', async () => {
  const bot = userIdOf('bot');
  const may = ['order:place', 'order:cancel', 'account:open', 'funding:create', 'watchlist:update'];
  rig.permissions.set(
    bot,
    may.map((permission) => `${permission}:own`),
  );
  const own = await rig.tokens.sign({ sub: bot });
  for (const asked of [
    `placeOrder(input: { accountId: "${accountIdOf(bot)}", order: { symbol: "ACME", side: BUY, type: MARKET, quantity: "1" } }) {
      ... on Order { orderId } }`,
    `cancelOrder(orderId: "${orderIdOf(bot)}") { ... on Order { orderId } }`,
    `openAccount(input: { kind: INVESTMENT, currency: "USD", name: "A", idempotencyKey: "k" }) { ... on Account { accountId } }`,
    `deposit(input: { accountId: "${accountIdOf(bot)}", amount: "10", idempotencyKey: "k" }) { ... on Funding { fundingId } }`,
    `withdraw(input: { accountId: "${accountIdOf(bot)}", amount: "10", idempotencyKey: "k" }) { ... on Funding { fundingId } }`,
    `createWatchlist(input: { name: "Tech", symbols: [] }) { ... on Watchlist { id } }`,
  ]) {
    const { data, errors } = await rig.ask({ query: `mutation { it: ${asked} }`, token: own });
    expect(errors).toEqual([]);
    expect(Object.values((data as { it: object }).it)).toEqual([expect.any(String)]);
  }
  expect(rig.portfolio.callsOf('getAccount')).toEqual([]);
  const { errors } = await rig.ask({ query: `{ order(id: "${orderIdOf(bot)}") { orderId } }`, token: own });
  expect(errors).toMatchObject([{ message: 'not allowed: order:read' }]);
});

test('a preview is asked under its own id, and one that another order has is told with that order', async () => {
  const query = `query ($order: OrderSpecInput!) { it: previewOrder(input: { accountId: "${account}", clientOrderId: "intent-1", order: $order }) {
    is: __typename ... on DuplicateClientOrderId { orderId } } }`;
  await rig.ask({ query, token, variables: { order } });
  expect(rig.order.callsOf('previewOrder').at(-1)?.request).toMatchObject({ clientOrderId: 'intent-1' });
  const taken = new AppError('already_exists', 'no', {
    reason: 'duplicate_client_order_id',
    field: 'client_order_id',
    entity: OTHER,
  });
  await rig.order.failing('previewOrder', taken, async () => {
    const { data, errors } = await rig.ask({ query, token, variables: { order } });
    expect(errors).toEqual([]);
    expect(data).toEqual({ it: { is: 'DuplicateClientOrderId', orderId: OTHER } });
  });
});
