import { AppError, type ErrorCode, type ErrorDetails } from '@andvari/kit/base/errors';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { orderIdOf } from './fake-order.ts';
import { accountIdOf } from './fake-portfolio.ts';
import { userIdOf } from './fake-service.ts';
import { adminPermissions } from './fake-services.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** What the schema makes of what the services say: refusals with their numbers, and one call for each list. */
let rig: GatewayRig;
let token: string;
const ADA = userIdOf('ada');
/** An order that has a name already, of which only the refusal tells. */
const OTHER = '0f0e65be-a398-50a9-b904-bde6ef3e2b6d';
const account = accountIdOf(ADA);
beforeAll(async () => {
  rig = await gatewayRig({ LIMIT_PER_USER: '1000000' });
  token = await rig.tokens.sign({ sub: ADA });
});
afterAll(() => rig.close());
beforeEach(() => {
  for (const service of [rig.order, rig.portfolio, rig.stock]) service.calls.length = 0;
});

const PLACE = `mutation ($order: OrderSpecInput!, $clientOrderId: String) {
  placeOrder(input: { accountId: "${account}", clientOrderId: $clientOrderId, order: $order }) {
    is: __typename
    ... on Refusal { code }
    ... on InsufficientBuyingPower { required available shortBy currency }
    ... on InsufficientShares { required available shortBy }
    ... on InvalidOrder { field allowed { minimum maximum step nearestBelow nearestAbove } facts { name decimal time } }
    ... on InvalidInput { field }
    ... on NotFound { field }
    ... on NotPossible { field facts { name decimal time } }
    ... on MarketClosed { opensAt }
    ... on SymbolHalted { since }
    ... on NoPrice { asOf }
    ... on ApiKeyCapExceeded { cap used required }
    ... on DuplicateClientOrderId { orderId }
    ... on RateLimited { retryAfterSeconds }
  } }`;
const order = { symbol: 'ACME', side: 'BUY', type: 'LIMIT', quantity: '10', limitPrice: '187.25' };
const AT_US = 1_700_000_000_000_000n;
const AT = '2023-11-14T22:13:20.000000Z';

describe('a refusal is a type with its numbers', () => {
  const rows: [string, ErrorCode, ErrorDetails, object][] = [
    [
      'insufficient_buying_power',
      'failed_precondition',
      { numbers: { required: 20_000_000n, available: 15_500_000n, short_by: 4_500_000n } },
      { is: 'InsufficientBuyingPower', required: '20', available: '15.5', shortBy: '4.5', currency: 'USD' },
    ],
    [
      'insufficient_shares',
      'failed_precondition',
      { numbers: { needed: 3_000_000n, available: 1_000_000n } },
      { is: 'InsufficientShares', required: '3', available: '1', shortBy: '2' },
    ],
    [
      'price_off_tick',
      'invalid_argument',
      { field: 'order.limit_px', numbers: { tick: 10_000n, below: 187_250_000n, above: 187_260_000n } },
      {
        is: 'InvalidOrder',
        field: 'order.limitPrice',
        allowed: { step: '0.01', nearestBelow: '187.25', nearestAbove: '187.26' },
      },
    ],
    [
      'price_outside_collar',
      'failed_precondition',
      { field: 'order.limit_px', numbers: { reference: 1n, lowest: 90_000_000n, highest: 270_000_000n, price: 1n } },
      { is: 'InvalidOrder', allowed: { minimum: '90', maximum: '270' } },
    ],
    [
      'quantity_missing',
      'invalid_argument',
      { field: 'order.qty' },
      { is: 'InvalidOrder', field: 'order.quantity', allowed: null },
    ],
    [
      'trail_invalid',
      'invalid_argument',
      { field: 'order.trail_percent', numbers: { maximum: 999_999n } },
      { is: 'InvalidOrder', field: 'order.trailPercent', allowed: { maximum: '99.9999' } },
    ],
    ['market_closed', 'failed_precondition', { numbers: { opens_at_us: AT_US } }, { is: 'MarketClosed', opensAt: AT }],
    ['symbol_halted', 'failed_precondition', { numbers: { since_us: AT_US } }, { is: 'SymbolHalted', since: AT }],
    [
      'no_price',
      'failed_precondition',
      { numbers: { as_of_us: 0n, valid_until_us: 0n } },
      { is: 'NoPrice', asOf: null },
    ],
    [
      'api_key_cap_exceeded',
      'failed_precondition',
      { numbers: { cap: 5_000_000n, used: 4_000_000n, required: 2_000_000n } },
      { is: 'ApiKeyCapExceeded', cap: '5', used: '4', required: '2' },
    ],
    [
      'duplicate_client_order_id',
      'already_exists',
      { field: 'client_order_id', entity: OTHER },
      { is: 'DuplicateClientOrderId', orderId: OTHER },
    ],
    ['order_fenced', 'already_exists', {}, { is: 'NotPossible' }],
    ['account_not_tradable', 'failed_precondition', {}, { is: 'NotPossible' }],
    ['instrument_not_found', 'not_found', { field: 'order.symbol' }, { is: 'NotFound', field: 'order.symbol' }],
    [
      'change_pending',
      'failed_precondition',
      { field: 'order_id', numbers: { limit: 5_000_000n, current: 2n } },
      {
        is: 'NotPossible',
        field: 'orderId',
        facts: [
          { name: 'limit', decimal: '5' },
          { name: 'current', decimal: '2' },
        ],
      },
    ],
    ['overloaded', 'resource_exhausted', {}, { is: 'RateLimited', retryAfterSeconds: 1 }],
    ['invalid_argument', 'invalid_argument', { field: 'account_id' }, { is: 'InvalidInput', field: 'accountId' }],
  ];

  test.each(rows)('%s', async (reason, code, details, expected) => {
    await rig.order.failing('placeOrder', new AppError(code, 'no', { reason, ...details }), async () => {
      const { data, errors } = await rig.ask({ query: PLACE, token, variables: { order, clientOrderId: 'intent-1' } });
      expect(errors).toEqual([]);
      expect((data as { placeOrder: object }).placeOrder).toMatchObject({ ...expected, code: reason });
    });
  });

  test('what a client cannot handle stays an error: the service is away', async () => {
    await rig.order.failing(
      'placeOrder',
      new AppError('unavailable', 'no', { reason: 'portfolio_unavailable' }),
      async () => {
        const { errors } = await rig.ask({ query: PLACE, token, variables: { order } });
        expect(errors[0]?.extensions['code']).toBe('UNAVAILABLE');
      },
    );
  });
});

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

test.each([
  ['closeAllPositions', `closeAllPositions(input: { accountId: "${account}", clientOrderId: "x" })`, 'clientOrderId'],
  [
    'liquidateAccount',
    `liquidate(input: { accountId: "${account}", idempotencyKey: "x", reason: "r" })`,
    'idempotencyKey',
  ],
])('a name that is none is told by %s', async (method, asked, field) => {
  rig.permissions.set(userIdOf('operator'), adminPermissions);
  const [name] = asked.split('(');
  const error = new AppError('invalid_argument', 'should have 1 to 40 printable characters of ASCII', {
    reason: 'client_order_id_invalid',
    field: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  });
  await rig.order.failing(method, error, async () => {
    const { data, errors } = await rig.ask({
      query: `mutation { ${asked} { is: __typename ... on InvalidInput { code field } } }`,
      token: await rig.tokens.sign({ sub: userIdOf('operator') }),
    });
    expect(errors).toEqual([]);
    expect(data).toEqual({ [name ?? '']: { is: 'InvalidInput', code: 'client_order_id_invalid', field } });
  });
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

test('another’s order is told by the argument that names it', async () => {
  const asked = `(input: { orderId: "${orderIdOf(userIdOf('eve'))}", quantity: "12" }) { is: __typename ... on NotFound { code field } }`;
  const expected = { it: { is: 'NotFound', code: 'order_not_found', field: 'orderId' } };
  for (const query of [`mutation { it: replaceOrder${asked} }`, `{ it: previewReplacement${asked} }`]) {
    const { data, errors } = await rig.ask({ query, token });
    expect(errors).toEqual([]);
    expect(data).toEqual(expected);
  }
});

test('how many legs a group has is a whole number', async () => {
  const query = `mutation { placeGroup(input: { accountId: "${account}", type: BRACKET, legs: [] }) {
    is: __typename ... on InvalidOrder { facts { name decimal } } } }`;
  const error = new AppError('invalid_argument', 'no', {
    reason: 'group_invalid',
    field: 'legs',
    numbers: { legs: 3n },
  });
  await rig.order.failing('placeGroup', error, async () => {
    const { data } = await rig.ask({ query, token });
    expect(data).toEqual({ placeGroup: { is: 'InvalidOrder', facts: [{ name: 'legs', decimal: '3' }] } });
  });
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

describe('a zero that is written is not a number that is left out', () => {
  test.each([
    ['quantity', 'quantity_invalid'],
    ['limitPrice', 'price_invalid'],
    ['stopPrice', 'price_invalid'],
    ['trailAmount', 'trail_invalid'],
    ['trailPercent', 'trail_invalid'],
  ])('%s of a replacement', async (field, code) => {
    const query = `mutation { replaceOrder(input: { orderId: "${orderIdOf(ADA)}", ${field}: "0" }) {
      is: __typename ... on InvalidOrder { code field } } }`;
    const { data, errors } = await rig.ask({ query, token });
    expect(errors).toEqual([]);
    expect(data).toEqual({ replaceOrder: { is: 'InvalidOrder', code, field } });
    expect(rig.order.callsOf('replaceOrder')).toEqual([]);
  });

  test.each([
    ['quantity', 'quantity_invalid'],
    ['notional', 'notional_below_minimum'],
    ['limitPrice', 'price_invalid'],
    ['stopPrice', 'price_invalid'],
    ['trailAmount', 'trail_invalid'],
    ['trailPercent', 'trail_invalid'],
  ])('%s of an order', async (field, code) => {
    const { data } = await rig.ask({ query: PLACE, token, variables: { order: { ...order, [field]: '0' } } });
    expect(data).toMatchObject({ placeOrder: { is: 'InvalidOrder', code, field: `order.${field}` } });
    expect(rig.order.callsOf('placeOrder')).toEqual([]);
  });

  test.each(['quantity', 'percent'])('%s of a position to close: it would be all of it', async (field) => {
    const query = `mutation { closePosition(input: { accountId: "${account}", symbol: "ACME", ${field}: "0" }) {
      is: __typename ... on InvalidOrder { field } } }`;
    const { data, errors } = await rig.ask({ query, token });
    expect(errors).toEqual([]);
    expect(data).toEqual({ closePosition: { is: 'InvalidOrder', field } });
    expect(rig.order.callsOf('closePosition')).toEqual([]);
  });
});

test.each([
  ['previewOrder', 'query', 'previewOrder'],
  ['placeGroup', 'mutation', 'placeGroup'],
])('a percentage that is too fine is a refusal of %s', async (_, kind, field) => {
  const spec = '{ symbol: "ACME", side: SELL, type: TRAILING_STOP, quantity: "1", trailPercent: "2.50001" }';
  const input =
    field === 'placeGroup'
      ? `{ accountId: "${account}", type: OCO, legs: [${spec}, ${spec}] }`
      : `{ accountId: "${account}", order: ${spec} }`;
  const query = `${kind} { ${field}(input: ${input}) { is: __typename ... on InvalidInput { field } } }`;
  const { data, errors } = await rig.ask({ query, token });
  expect(errors).toEqual([]);
  const at = field === 'placeGroup' ? 'legs[0].trailPercent' : 'order.trailPercent';
  expect(data).toEqual({ [field]: { is: 'InvalidInput', field: at } });
});
