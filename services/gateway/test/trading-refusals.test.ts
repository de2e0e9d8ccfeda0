import { AppError, type ErrorCode, type ErrorDetails } from '@andvari/kit/base/errors';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { orderIdOf } from './fake-order.ts';
import { userIdOf } from './fake-service.ts';
import { adminPermissions } from './fake-services.ts';
import type { GatewayRig } from './gateway-rig.ts';
import { ADA, account, forgetCalls, OTHER, order, PLACE, tradingRig } from './trading-rig.ts';

/** What a client is told of a refusal, the service's or the gateway's own. */
let rig: GatewayRig;
let token: string;
beforeAll(async () => {
  ({ rig, token } = await tradingRig());
});
afterAll(() => rig.close());
beforeEach(() => forgetCalls(rig));

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
