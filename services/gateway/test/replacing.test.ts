import { AppError } from '@andvari/kit/base/errors';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { orderIdOf } from './fake-order.ts';
import { userIdOf } from './fake-service.ts';
import type { GatewayRig } from './gateway-rig.ts';
import { ADA, forgetCalls, OTHER, tradingRig } from './trading-rig.ts';

/** An order that takes another's place, and what it is said to come to before. */
let rig: GatewayRig;
let token: string;
beforeAll(async () => {
  ({ rig, token } = await tradingRig());
});
afterAll(() => rig.close());
beforeEach(() => forgetCalls(rig));

const foreseen = (input: string) =>
  rig.ask({
    query: `{ it: previewReplacement(input: { orderId: "${orderIdOf(ADA)}", ${input} }) {
      is: __typename ... on ReplacementPreview { held reserved availableAfter refusals { is: __typename } } ... on InvalidOrder { field }
      ... on DuplicateClientOrderId { orderId } } }`,
    token,
  });

describe('a replacement', () => {
  const query = `mutation { replaceOrder(input: { orderId: "${orderIdOf(ADA)}", quantity: "12" }) {
    is: __typename ... on Order { status } ... on InsufficientBuyingPower { shortBy currency } } }`;

  test('is one call: the order is enough to tell its account', async () => {
    const { data } = await rig.ask({ query, token });
    expect(data).toEqual({ replaceOrder: { is: 'Order', status: 'PENDING_NEW' } });
    expect(rig.order.calls.map(({ method }) => method)).toEqual(['replaceOrder']);
  });

  test('that is refused says in which currency the account is short', async () => {
    const numbers = { required: 20_000_000n, available: 15_500_000n, short_by: 4_500_000n };
    const error = new AppError('failed_precondition', 'no', { reason: 'insufficient_buying_power', numbers });
    await rig.order.failing('replaceOrder', error, async () => {
      const { data } = await rig.ask({ query, token });
      expect(data).toEqual({ replaceOrder: { is: 'InsufficientBuyingPower', shortBy: '4.5', currency: 'USD' } });
    });
  });
});

describe('what a replacement would do', () => {
  test('is said before, with what would refuse it', async () => {
    const { data, errors } = await foreseen('quantity: "12"');
    expect(errors).toEqual([]);
    const refusals = [{ is: 'InsufficientBuyingPower' }];
    expect(data).toEqual({
      it: { is: 'ReplacementPreview', held: '1870', reserved: '374', availableAfter: '9376', refusals },
    });
    expect(rig.order.callsOf('replaceOrder')).toEqual([]);
  });

  test('is said and refused without the right to read orders', async () => {
    const bot = userIdOf('foreseeing bot');
    rig.permissions.set(bot, ['order:place:own', 'account:read:own', 'portfolio:read:own']);
    const own = await rig.tokens.sign({ sub: bot });
    const asked = `(input: { orderId: "${orderIdOf(bot)}", quantity: "12" })`;
    const unread = new AppError('permission_denied', 'not allowed: order:read');
    await rig.order.failing('batchGetOrders', unread, async () => {
      const preview = `... on ReplacementPreview { refusals { ... on InsufficientBuyingPower { currency } } }`;
      const { data, errors } = await rig.ask({
        query: `{ it: previewReplacement${asked} { ${preview} } }`,
        token: own,
      });
      expect({ data, errors }).toEqual({ data: { it: { refusals: [{ currency: 'USD' }] } }, errors: [] });
      const late = new AppError('failed_precondition', 'no', { reason: 'change_pending' });
      for (const [method, kind] of [
        ['previewReplacement', 'query'],
        ['replaceOrder', 'mutation'],
      ] as const) {
        await rig.order.failing(method, late, async () => {
          const query = `${kind} { it: ${method}${asked} { is: __typename ... on Refusal { code } } }`;
          const refused = await rig.ask({ query, token: own });
          expect(refused).toMatchObject({ data: { it: { is: 'NotPossible', code: 'change_pending' } }, errors: [] });
        });
      }
    });
  });

  test('is asked under its own id, and one that another order has is told with that order', async () => {
    await foreseen('quantity: "12", clientOrderId: "intent-1"');
    expect(rig.order.callsOf('previewReplacement').at(-1)?.request).toMatchObject({ clientOrderId: 'intent-1' });
    const taken = new AppError('already_exists', 'no', {
      reason: 'duplicate_client_order_id',
      field: 'client_order_id',
      entity: OTHER,
    });
    await rig.order.failing('previewReplacement', taken, async () => {
      const { data, errors } = await foreseen('quantity: "12", clientOrderId: "intent-1"');
      expect(errors).toEqual([]);
      expect(data).toEqual({ it: { is: 'DuplicateClientOrderId', orderId: OTHER } });
    });
  });

  test('nothing is no price and no quantity', async () => {
    const { data } = await foreseen('limitPrice: "0"');
    expect(data).toEqual({ it: { is: 'InvalidOrder', field: 'limitPrice' } });
    expect(rig.order.callsOf('previewReplacement')).toEqual([]);
  });
});
