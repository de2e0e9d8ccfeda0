import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import type { Micros } from '@andvari/money';
import { format } from '@andvari/money/decimal';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type People, peopleOf } from './people.ts';
import { type System, startSystem, tradingServices, unlimited } from './system.ts';
import {
  accountOf,
  activitiesOf,
  away,
  cancelled,
  closed,
  DEPOSIT,
  ended,
  lastPrice,
  micros,
  ORDER,
  orderOf,
  place,
  type Trader,
  traderWithMoney,
  verified,
} from './traders.ts';

/** Trading over the real processes, through GraphQL alone, the way a page or a bot does it. */
let system: System;
let people: People;

beforeAll(async () => {
  system = await startSystem(tradingServices, {
    ...unlimited,
    MARKET_HOURS: 'always',
  });
  people = peopleOf(system);
});
afterAll(() => system.close());

const SYMBOL = 'AAPL';

test('a market order is filled, and cash, position, lots, activities and history say so', {
  timeout: 120_000,
}, async () => {
  const trader = await traderWithMoney(people);
  const placed = await place(trader, { side: 'BUY', type: 'MARKET', quantity: '2' });
  expect(placed['__typename']).toBe('Order');
  const order = await ended(trader, String(placed['id']));
  expect(order).toMatchObject({ status: 'FILLED', filledQuantity: '2', remainingQuantity: '0' });

  const { executions, history, explanation } = await orderOf(
    trader,
    order.id,
    'executions { quantity amount } history { kind status } explanation { reasons { code } }',
  );
  const spent = (executions as { amount: string }[]).reduce((all, { amount }) => all + micros(amount), 0n);
  expect((executions as { quantity: string }[]).reduce((all, { quantity }) => all + micros(quantity), 0n)).toBe(
    2_000_000n,
  );
  expect((history as { kind: string }[])[0]?.kind).toBe('PLACED');
  expect((history as { status: string }[]).at(-1)?.status).toBe('FILLED');
  expect(explanation).toMatchObject({ reasons: [{ code: 'ended' }] });

  const account = await eventually(async () => {
    const seen = await accountOf(
      trader,
      `cash cashReserved buyingPower { amount } summary { equity cash marketValue }
       holdings { nodes { symbol quantity quantityAvailable costBasis } }
       lots { nodes { symbol quantityRemaining } }
       activities { nodes { type symbol quantity amount } }
       history(period: DAY) { points { equity } }
       blotterSummary { counts { status orders } open bought }`,
    );
    expect(seen).toMatchObject({ cashReserved: '0', holdings: { nodes: [{ symbol: SYMBOL, quantity: '2' }] } });
    return seen;
  });
  const fees = activitiesOf(account).filter(({ type }) => type === 'FEE');
  const paid = fees.reduce((all, { amount }) => all + micros(amount), 0n);
  expect(account['cash']).toBe(format((DEPOSIT - spent + paid) as Micros));
  expect(account).toMatchObject({
    lots: { nodes: [{ symbol: SYMBOL, quantityRemaining: '2' }] },
    blotterSummary: { open: 0, counts: [{ status: 'FILLED', orders: 1 }] },
  });
  expect(activitiesOf(account)).toContainEqual({
    type: 'BUY',
    symbol: SYMBOL,
    quantity: '2',
    amount: format(-spent as Micros),
  });
  const { equity, cash, marketValue } = account['summary'] as { equity: string; cash: string; marketValue: string };
  expect(micros(equity)).toBe(micros(cash) + micros(marketValue));

  expect(await cancelled(trader, order.id)).toMatchObject({ __typename: 'TooLate', status: 'FILLED' });

  const sold = await closed(trader);
  expect(await ended(trader, String(sold['id']))).toMatchObject({ status: 'FILLED', filledQuantity: '2' });
});

test('a limit order rests, is explained, replaced and cancelled, and frees what it held', {
  timeout: 120_000,
}, async () => {
  const trader = await traderWithMoney(people);
  const stream = await trader.browser.subscribe(
    `subscription { orderUpdates(accountId: "${trader.account}") { is: __typename ... on SubscriptionStarted { position }
      ... on OrderMoved { position event orderId status } } }`,
  );
  await eventually(() => expect(stream.received).toHaveLength(1));
  const limit = away(await lastPrice(trader), 80n);
  const placed = await place(trader, {
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '3',
    limitPrice: limit,
  });
  const id = String(placed['id']);
  await eventually(async () => expect(await orderOf(trader, id)).toMatchObject({ status: 'NEW' }));
  const { explanation } = await orderOf(trader, id, 'explanation { reasons { code message facts { name decimal } } }');
  expect(JSON.stringify(explanation)).toContain('away_from_touch');
  expect(micros(String((await accountOf(trader, 'cashReserved'))['cashReserved']))).toBeGreaterThanOrEqual(
    3n * micros(limit),
  );

  const { data } = await trader.browser.ask(
    `mutation ($input: ReplaceOrderInput!) { replaceOrder(input: $input) { ${ORDER} ... on Refusal { code message } } }`,
    { input: { orderId: id, quantity: '2' } },
  );
  const replacement = data['replaceOrder'] as Record<string, unknown>;
  expect(replacement['__typename']).toBe('Order');
  const newId = String(replacement['id']);
  await eventually(async () => {
    expect(await orderOf(trader, id)).toMatchObject({ status: 'REPLACED', replacedBy: replacement['orderId'] });
    expect(await orderOf(trader, newId)).toMatchObject({ status: 'NEW', remainingQuantity: '2' });
  });

  expect(await cancelled(trader, newId)).toMatchObject({ __typename: 'Order' });
  expect(await ended(trader, newId)).toMatchObject({ status: 'CANCELED' });
  await eventually(async () => expect(await accountOf(trader, 'cashReserved')).toEqual({ cashReserved: '0' }));
  expect(await cancelled(trader, newId)).toMatchObject({ __typename: 'Order' });

  const told = () =>
    stream.received.map(
      ({ data: it }) => (it as { orderUpdates: { is: string; position: string; event?: string } }).orderUpdates,
    );
  await eventually(() => expect(told().some(({ event }) => event === 'CANCELED')).toBe(true));
  stream.close();
  const again = await trader.browser.subscribe(
    `subscription { orderUpdates(accountId: "${trader.account}", since: "${told()[0]?.position}") { is: __typename
      ... on OrderMoved { position event orderId status } } }`,
  );
  await eventually(() => expect(again.received).toHaveLength(told().length));
  expect(eventsOf(again.received).toSorted()).toEqual(eventsOf(stream.received).toSorted());
  again.close();
});

/** Just above it, by less than the smallest step of a price. */
function betweenTicks(price: string): string {
  const [whole, cents = ''] = price.split('.');
  return `${whole}.${cents.padEnd(2, '0')}1`;
}

test('what cannot be is refused with the numbers that a person needs', { timeout: 120_000 }, async () => {
  const trader = await traderWithMoney(people);
  const last = await lastPrice(trader);
  const limit = away(last, 100n);
  const dear = await place(trader, { side: 'BUY', type: 'LIMIT', quantity: '1000', limitPrice: limit });
  expect(dear).toMatchObject({
    __typename: 'InsufficientBuyingPower',
    code: 'insufficient_buying_power',
    currency: 'USD',
  });
  expect(micros(String(dear['available']))).toBe(DEPOSIT);
  expect(micros(String(dear['shortBy']))).toBe(micros(String(dear['required'])) - DEPOSIT);
  expect(await place(trader, { side: 'SELL', type: 'MARKET', quantity: '1' })).toMatchObject({
    __typename: 'InsufficientShares',
    required: '1',
    available: '0',
    shortBy: '1',
  });
  expect(
    await place(trader, { side: 'BUY', type: 'LIMIT', quantity: '1', limitPrice: betweenTicks(limit) }),
  ).toMatchObject({
    __typename: 'InvalidOrder',
    code: 'price_off_tick',
    field: 'order.limitPrice',
    allowed: { step: '0.01', nearestBelow: limit },
  });
  expect(await place(trader, { side: 'BUY', type: 'MARKET', quantity: '1', symbol: 'NOSUCH' })).toMatchObject({
    __typename: 'NotFound',
    code: 'instrument_not_found',
  });
  const { data } = await trader.browser.ask(
    `query ($input: PlaceOrderInput!) { previewOrder(input: $input) { __typename ... on OrderPreview { refusals { code } } } }`,
    {
      input: {
        accountId: trader.account,
        order: { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', quantity: '1000', limitPrice: limit },
      },
    },
  );
  expect(data['previewOrder']).toMatchObject({ refusals: [{ code: 'insufficient_buying_power' }] });
});

test('the same intent sent twenty times at once is one order; another one under its name is refused', {
  timeout: 120_000,
}, async () => {
  const trader = await traderWithMoney(people);
  const clientOrderId = randomUUID();
  const order = {
    side: 'BUY',
    type: 'LIMIT',
    quantity: '1',
    limitPrice: away(await lastPrice(trader), 80n),
    timeInForce: 'GTC',
  };
  const answers = await Promise.all(Array.from({ length: 20 }, () => place(trader, order, clientOrderId)));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(await accountOf(trader, 'orders { nodes { id } }')).toEqual({
    orders: { nodes: [{ id: answers[0]?.['id'] }] },
  });
  expect(await place(trader, { ...order, quantity: '2' }, clientOrderId)).toMatchObject({
    __typename: 'DuplicateClientOrderId',
    orderId: answers[0]?.['orderId'],
  });
});

test('another’s account and orders are as if there were none', { timeout: 120_000 }, async () => {
  const [trader, eve] = [await traderWithMoney(people), await people.registered()];
  const placed = await place(trader, {
    side: 'BUY',
    type: 'LIMIT',
    quantity: '1',
    limitPrice: away(await lastPrice(trader), 80n),
    timeInForce: 'GTC',
  });
  const stranger: Trader = { browser: eve.browser, account: trader.account, symbol: SYMBOL };
  expect(await place(stranger, { side: 'BUY', type: 'MARKET', quantity: '1' })).toMatchObject({
    __typename: 'NotFound',
  });
  expect(await cancelled(stranger, String(placed['id']))).toMatchObject({ __typename: 'NotFound' });
  const { data } = await eve.browser.ask(
    `{ order(id: "${String(placed['id'])}") { id } account(id: "${trader.account}") { cash } orders(accountId: "${trader.account}") { nodes { id } } }`,
  );
  expect(data).toEqual({ order: null, account: null, orders: { nodes: [] } });
  const stream = await eve.browser.subscribe(`subscription { account(accountId: "${trader.account}") { __typename } }`);
  await eventually(() => expect(JSON.stringify(stream.received)).toContain('NOT_FOUND'));
  expect(await orderOf(trader, String(placed['id']))).toMatchObject({
    status: expect.stringMatching(/NEW|PENDING_NEW/) as string,
  });
});

test('an API key orders no more in a day than its cap', { timeout: 120_000 }, async () => {
  const trader = await traderWithMoney(people);
  const scopes = ['order:place:own', 'order:read:own', 'account:read:own', 'instrument:read'];
  const { data } = await trader.browser.ask(
    `mutation ($input: CreateApiKeyInput!) {
      createApiKey(input: $input) { ... on CreatedApiKey { secret apiKey { keyId } } ... on Refusal { code message } } }`,
    { input: { name: 'capped', scopes, dailyNotionalCap: '500' } },
  );
  const { secret, apiKey } = data['createApiKey'] as { secret: string; apiKey: { keyId: string } };
  const keyed = {
    ...trader,
    browser: people.visitor().with({ 'x-api-key-id': apiKey.keyId, 'x-api-key-secret': secret }),
  };
  // A tenth below the market, so that both rest: 2 of them come to some 330 dollars, 4 to more than 500.
  const limitPrice = format(((((await lastPrice(trader)) * 9n) / 10n / 10_000n) * 10_000n) as Micros);
  const order = { side: 'BUY', type: 'LIMIT', quantity: '2', limitPrice };
  expect((await place(keyed, order))['__typename']).toBe('Order');
  expect(await place(keyed, order)).toMatchObject({ __typename: 'ApiKeyCapExceeded' });
  expect((await place(trader, order))['__typename']).toBe('Order');
});

test('the ledger verifies clean', () => verified(system));

/** What was told behind the first word. */
function eventsOf(list: { data?: unknown }[]): string[] {
  return list.slice(1).map(({ data: it }) => {
    const { event, orderId } = (it as { orderUpdates: Record<string, unknown> }).orderUpdates;
    return `${String(event)} ${String(orderId)}`;
  });
}
