import { describe, expect, test } from 'vitest';
import { compareOrder, type OrderFacts, type ReservationFacts } from '../src/verify/compare-orders.ts';

const SHARE = 1_000_000n;
const open: OrderFacts = {
  id: '0199a0a0-0000-7000-8000-000000000001',
  accountId: 'account',
  symbol: 'AAPL',
  side: 'buy',
  status: 'partially_filled',
  qty: 10n * SHARE,
  cumQty: 4n * SHARE,
  leavesQty: 6n * SHARE,
  awaiting: false,
  ended: false,
  carried: 0n,
  fills: [
    { execId: 'one', qty: SHARE, price: 100n },
    { execId: 'two', qty: 3n * SHARE, price: 100n },
  ],
};
const held: ReservationFacts = {
  accountId: 'account',
  symbol: 'AAPL',
  side: 'buy',
  open: true,
  filled: 4n * SHARE,
  remaining: 600n,
};
const booked = [
  { execId: 'one', qty: SHARE },
  { execId: 'two', qty: 3n * SHARE },
];
const ended = { ...open, ended: true, status: 'canceled' };
const closed = { ...held, open: false, remaining: 0n };
const sale = { ...open, side: 'sell' };

describe('what agrees', () => {
  test.each<[what: string, order: OrderFacts, reservation: ReservationFacts | undefined, executions: typeof booked]>([
    ['an open order', open, held, booked],
    ['an order that has ended', ended, closed, booked],
    ['a sale: shares that went', sale, { ...held, side: 'sell' }, booked.map((one) => ({ ...one, qty: -one.qty }))],
    [
      'an order that took the place of another',
      { ...open, cumQty: 6n * SHARE, leavesQty: 4n * SHARE, carried: 2n * SHARE },
      { ...held, filled: 6n * SHARE },
      booked,
    ],
    [
      'a replacement the engine has yet to answer',
      { ...open, awaiting: true },
      { ...held, filled: 5n * SHARE },
      booked,
    ],
    [
      'a leg that waits for another',
      { ...open, cumQty: 0n, leavesQty: 10n * SHARE, fills: [] },
      { ...held, filled: 0n, remaining: 0n },
      [],
    ],
  ])('%s', (_, order, reservation, executions) => {
    expect(compareOrder(order, reservation, executions)).toEqual([]);
  });
});

describe('what differs', () => {
  test.each<[check: string, order: OrderFacts, reservation: ReservationFacts | undefined, executions: typeof booked]>([
    [
      'order_filled_differs_from_its_fills',
      { ...open, cumQty: 5n * SHARE, leavesQty: 5n * SHARE },
      { ...held, filled: 5n * SHARE },
      booked,
    ],
    ['order_open_part_differs', { ...open, leavesQty: 5n * SHARE }, held, booked],
    ['fill_missing_in_ledger', open, held, booked.slice(1)],
    ['fill_differs_in_ledger', open, held, [{ execId: 'one', qty: 2n * SHARE }, ...booked.slice(1)]],
    ['fill_missing_in_orders', open, held, [...booked, { execId: 'three', qty: SHARE }]],
    ['order_without_reservation', open, undefined, booked],
    ['reservation_differs_in_accountId', open, { ...held, accountId: 'another' }, booked],
    ['reservation_differs_in_symbol', open, { ...held, symbol: 'MSFT' }, booked],
    ['reservation_differs_in_side', open, { ...held, side: 'sell' }, booked],
    ['ended_order_holds_money', ended, held, booked],
    ['open_order_holds_nothing', open, closed, booked],
    ['reservation_filled_differs', open, { ...held, filled: 3n * SHARE }, booked],
  ])('%s', (check, order, reservation, executions) => {
    expect(compareOrder(order, reservation, executions).map((one) => one.check)).toEqual([check]);
  });
});
