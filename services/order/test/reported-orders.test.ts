import { describe, expect, test } from 'vitest';
import { newOrder } from '../src/domain/new-order.ts';
import { sameSpec, statusOf } from '../src/domain/order.ts';
import { ReportedOrders } from '../src/domain/reported-orders.ts';
import { limit, orderOf, reportOf } from './domain-fixture.ts';

const ours = orderOf({ ...limit, qty: 10n });
const other = orderOf(limit, { pending: 'replace', awaitingSinceUs: 3n }, { id: 'old' });
const fill = reportOf('fill', 'partially_filled', {
  lastQty: 4n,
  lastPx: 7n,
  cumQty: 4n,
  leavesQty: 6n,
  avgPx: 7n,
  liquidity: 'maker',
  tradeId: 't',
  reason: 'why',
});

describe('the orders of a batch of reports', () => {
  test('become what the reports say, one after the other, and each is told of', () => {
    const orders = new ReportedOrders([ours, other]);
    expect(orders.apply(ours, fill)).toBeUndefined();
    expect(orders.apply(ours, { ...fill, lastQty: 6n, cumQty: 10n, leavesQty: 0n, status: 'filled' })).toBeUndefined();
    expect(orders.events.map(({ cumQty, status }) => [cumQty, status])).toEqual([
      [4n, 'partially_filled'],
      [10n, 'filled'],
    ]);
    expect(orders.changed()).toMatchObject([
      { id: 'o', before: ours, life: { cumQty: 10n, status: 'filled', version: 3n } },
    ]);
    expect(orders.changed()).toHaveLength(1);
  });

  test('are told of with all that happened', () => {
    const orders = new ReportedOrders([ours]);
    orders.apply(ours, fill);
    expect(orders.events).toEqual([
      {
        orderId: 'o',
        accountId: 'a',
        symbol: 'ACME',
        side: 'buy',
        kind: 'fill',
        status: 'partially_filled',
        lastQty: 4n,
        lastPx: 7n,
        cumQty: 4n,
        leavesQty: 6n,
        reason: 'why',
        liquidity: 'maker',
        tradeId: 't',
        execId: 'e',
        actor: 'engine',
        actorId: '',
        occurredAtUs: 9n,
      },
    ]);
  });

  test.each([
    ['of another account', { accountId: 'b' }],
    ['of another symbol', { symbol: 'OTHER' }],
  ])('stay as they are for a report %s', (_, of) => {
    const orders = new ReportedOrders([ours]);
    expect(orders.apply(ours, { ...fill, ...of })).toBe('other_order');
    expect([orders.changed(), orders.events]).toEqual([[], []]);
  });

  test('stay as they are for what does not fit, and take over what came out of turn', () => {
    const orders = new ReportedOrders([ours]);
    expect(orders.apply(ours, { ...fill, status: 'new' })).toBe('status_impossible');
    expect([orders.changed(), orders.events]).toEqual([[], []]);
    expect(orders.apply(ours, { ...fill, lastQty: 1n })).toBe('gap');
    expect(orders.events).toHaveLength(1);
  });

  test('are found by their ids, and nothing else is', () => {
    const orders = new ReportedOrders([ours]);
    expect(orders.find('o')).toBe(ours);
    expect(orders.find('old')).toBeUndefined();
    expect(orders.apply(other, fill)).toBeUndefined();
    expect(orders.events).toEqual([]);
  });

  test('an order whose place was not taken lives on, and only then', () => {
    const next = orderOf(limit, { status: 'pending_new', awaitingSinceUs: 5n });
    const orders = new ReportedOrders([next, other]);
    orders.apply(next, reportOf('rejected', 'rejected', { replaces: 'old', leavesQty: 0n }));
    expect(orders.changed().map(({ id }) => id)).toEqual(['o']);
    const again = new ReportedOrders([next, other]);
    again.apply(next, reportOf('replace_rejected', 'rejected', { replaces: 'old', leavesQty: 0n }));
    expect(again.changed()).toMatchObject([{ id: 'o' }, { id: 'old', life: { pending: undefined, updatedAtUs: 9n } }]);
  });
});

test.each([
  ['new', undefined, 'new'],
  ['new', 'cancel', 'pending_cancel'],
  ['new', 'replace', 'pending_replace'],
  ['filled', 'cancel', 'filled'],
] as const)('%s with %s pending is %s to people', (status, pending, shown) => {
  expect(statusOf({ status, pending })).toBe(shown);
});

test('two requests are the same when every term is', () => {
  expect(sameSpec(limit, { ...limit })).toBe(true);
  const bent = Object.keys(limit).map((term) => sameSpec(limit, { ...limit, [term]: 'another' }));
  expect(bent).toEqual(Object.keys(limit).map(() => false));
});

test('an order begins with all that was asked and worked out, and unheard of', () => {
  const group = { id: 'g', type: 'oto', leg: 1 } as const;
  const request = {
    id: 'o',
    accountId: 'a',
    userId: 'u',
    clientOrderId: 'c',
    spec: limit,
    replaces: 'r',
    group,
    apiKeyId: 'k',
  };
  const placement = { qty: 3n, collarPx: 4n, collarOffset: 6n, asset: 'USD', principal: 7n, exposure: 8n };
  expect(newOrder(request, placement, 9n)).toEqual({
    ...request,
    qty: 3n,
    collarPx: 4n,
    collarOffset: 6n,
    reserved: 7n,
    reservedAsset: 'USD',
    placedAtUs: 9n,
    life: {
      status: 'pending_new',
      pending: undefined,
      reason: '',
      qty: 3n,
      cumQty: 0n,
      leavesQty: 3n,
      avgPx: 0n,
      stopPx: 0n,
      waterMarkPx: 0n,
      replacedBy: undefined,
      updatedAtUs: 9n,
      acknowledgedAtUs: 0n,
      finishedAtUs: 0n,
      awaitingSinceUs: 9n,
      version: 1n,
    },
  });
});
