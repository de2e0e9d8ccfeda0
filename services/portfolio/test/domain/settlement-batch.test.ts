import { toMicros, toPrice, toQuantity } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { NO_FEES } from '../../src/domain/fee-schedule.ts';
import type { Membership } from '../../src/domain/group.ts';
import type { Closing, Lot } from '../../src/domain/lots.ts';
import { FLAT } from '../../src/domain/position.ts';
import { openReservation } from '../../src/domain/reservation.ts';
import type { Fill, Settlement } from '../../src/domain/settlement.ts';
import {
  type AskedOrder,
  type Held,
  holdingKey,
  isSameOrder,
  type MovedHolding,
  type Movement,
  SettlementBatch,
} from '../../src/domain/settlement-batch.ts';

const terms = { accountId: 'ann', symbol: 'AAPL', qty: 10n, principal: 100n, limit: 10n };

function held(orderId: string, group?: Membership, replaces?: string): Held {
  const order = { orderId, side: 'buy', qty: toQuantity(10n), principal: toMicros(100n) } as const;
  return { reservation: openReservation(order, NO_FEES), schedule: NO_FEES, terms, replaces, group };
}

const lot = (id: string, remaining = 10n): Lot => ({
  id,
  openedAt: 0n,
  qty: toQuantity(10n),
  cost: toMicros(100n),
  remaining: toQuantity(remaining),
});

const closing = (lotId: string, proceeds: bigint): Closing => ({
  lotId,
  qty: toQuantity(1n),
  cost: toMicros(1n),
  proceeds: toMicros(proceeds),
  realised: toMicros(0n),
});

const position = { ...FLAT, qty: toQuantity(7n) };
const moving = (execId: string): Movement => ({ execId, accountId: 'ann', symbol: 'AAPL', at: 5n });
const came = (...lots: Lot[]): MovedHolding => ({ position, lots, closings: [] });
const went = (...parts: [Lot, proceeds: bigint][]): MovedHolding => ({
  position,
  lots: parts.map(([each]) => each),
  closings: parts.map(([{ id }, proceeds]) => closing(id, proceeds)),
});

function batchOf(orders: Held[], lots: Lot[] = []): SettlementBatch {
  return new SettlementBatch(
    new Map(orders.map((each) => [each.reservation.orderId, each])),
    new Map([['ann/AAPL', { accountId: 'ann', symbol: 'AAPL', position: FLAT, at: 0n }]]),
    new Map([['ann/AAPL', lots]]),
    new Map([['e0', 'd0']]),
  );
}

const fill: Fill = {
  ...moving('e1'),
  digest: 'd1',
  tradeId: '',
  orderId: 'o',
  side: 'buy',
  qty: toQuantity(10n),
  price: toPrice(1n),
  cumQty: toQuantity(10n),
  leavesQty: toQuantity(0n),
  triggered: false,
};

test('what was read is found under its order, its holding and its execution, and nothing else is', () => {
  const [order, first] = [held('o'), lot('a')];
  const batch = batchOf([order], [first]);
  expect([batch.reservation('o'), batch.reservation('x')]).toEqual([order, undefined]);
  expect([batch.digestOf('e0'), batch.digestOf('e1')]).toEqual(['d0', undefined]);
  const other = { accountId: 'ann', symbol: 'MSFT' };
  expect([batch.position(moving('')), batch.position(other)]).toEqual([FLAT, undefined]);
  expect([batch.lots(moving('')), batch.lots(other)]).toEqual([[first], []]);
  expect(holdingKey(other)).toBe('ann/MSFT');
});

test('a group is all that were placed together, leg by leg', () => {
  const leg = (orderId: string, place: number, id = 'g') => held(orderId, { id, type: 'bracket', leg: place });
  const [stop, alone, entry, stranger, profit] = [leg('s', 2), held('x'), leg('e', 0), leg('y', 1, 'h'), leg('p', 1)];
  const batch = batchOf([stop, alone, entry, stranger, profit]);
  expect(batch.groupOf('p')).toEqual([entry, profit, stop]);
  expect([batch.groupOf('x'), batch.groupOf('nobody')]).toEqual([undefined, undefined]);
});

describe('a reservation that has changed', () => {
  test('is what is found from then on, and is to be written', () => {
    const batch = batchOf([held('o'), held('p')]);
    const smaller = { ...held('o').reservation, remaining: toMicros(1n) };
    batch.changed(smaller);
    expect(batch.reservation('o')?.reservation).toBe(smaller);
    expect([...batch.changedReservations]).toEqual(['o']);
  });

  test('but was never read is a mistake of ours, and throws', () => {
    expect(() => batchOf([]).changed(held('o').reservation)).toThrow('order o has no reservation here');
  });
});

describe('a fill that is settled', () => {
  test('is known by its digest from then on, and the house’s changes nothing else', () => {
    const batch = batchOf([held('o')]);
    batch.settled(fill, 'j');
    expect([batch.digestOf('e1'), batch.newFills]).toEqual(['d1', [{ fill, journalId: 'j' }]]);
    expect([batch.changedReservations.size, batch.changedPositions.size, batch.activities]).toEqual([0, 0, []]);
  });

  test('of a client changes its order, the other exits, what is held, and is a line for each of its journals', () => {
    const batch = batchOf([held('o'), held('p')]);
    const after = (orderId: string) => ({ ...held(orderId).reservation, remaining: toMicros(1n) });
    const settlement: Settlement = {
      ok: true,
      reservation: after('o'),
      siblings: [after('p')],
      freed: toMicros(0n),
      amount: toMicros(0n),
      fee: toMicros(0n),
      cash: toMicros(0n),
      shares: toMicros(0n),
      realised: toMicros(0n),
      ...came(lot('e1')),
      journals: [],
    };
    const posted = [
      { id: 'j', kind: 'fill' },
      { id: 'k', kind: 'fee' },
    ] as const;
    batch.settled(fill, 'j', { settlement, posted, currency: 'USD' });
    expect([...batch.changedReservations]).toEqual(['o', 'p']);
    expect(batch.position(fill)).toBe(position);
    expect(batch.activities).toEqual([
      { fill, settlement, journalId: 'j', kind: 'fill', currency: 'USD' },
      { fill, settlement, journalId: 'k', kind: 'fee', currency: 'USD' },
    ]);
  });
});

const record = (each: Lot, proceeds: bigint) => ({ lot: each, proceeds, accountId: 'ann', symbol: 'AAPL', at: 5n });

describe('shares', () => {
  test('that come are a new lot behind those there are', () => {
    const [old, fresh] = [lot('a'), lot('b')];
    const batch = batchOf([], [old]);
    batch.moved(moving('e'), came(fresh));
    expect(batch.lots(moving(''))).toEqual([old, fresh]);
    expect([...batch.newLots]).toEqual([['b', record(fresh, 0n)]]);
    expect([batch.changedLots.size, batch.closings]).toEqual([0, []]);
    expect([...batch.positions]).toEqual([['ann/AAPL', { accountId: 'ann', symbol: 'AAPL', position, at: 5n }]]);
    expect([...batch.changedPositions]).toEqual(['ann/AAPL']);
  });

  test('that come where there never were any are the first', () => {
    const batch = batchOf([]);
    const movement = { ...moving('e'), symbol: 'MSFT' };
    batch.moved(movement, came(lot('b')));
    expect(batch.lots(movement)).toEqual([lot('b')]);
  });

  test('that go change the lots they leave, and those that are spent are gone', () => {
    const batch = batchOf([], [lot('a'), lot('b'), lot('c')]);
    batch.moved(moving('e'), went([lot('a', 0n), 50n], [lot('b', 4n), 30n]));
    expect(batch.lots(moving(''))).toEqual([lot('b', 4n), lot('c')]);
    expect([...batch.changedLots]).toEqual([
      ['a', record(lot('a', 0n), 50n)],
      ['b', record(lot('b', 4n), 30n)],
    ]);
    expect(batch.newLots.size).toBe(0);
    expect(batch.closings).toEqual([
      { movement: moving('e'), closing: closing('a', 50n) },
      { movement: moving('e'), closing: closing('b', 30n) },
    ]);
  });

  test('that all go leave no lot', () => {
    const batch = batchOf([], [lot('a'), lot('b')]);
    batch.moved(moving('e'), went([lot('a', 0n), 50n], [lot('b', 0n), 30n]));
    expect(batch.lots(moving(''))).toEqual([]);
  });

  test('that go twice out of one lot bring it what they brought together', () => {
    const batch = batchOf([], [lot('a')]);
    batch.moved(moving('e'), went([lot('a', 6n), 50n]));
    batch.moved(moving('f'), went([lot('a', 1n), 30n]));
    expect([...batch.changedLots]).toEqual([['a', record(lot('a', 1n), 80n)]]);
    expect(batch.lots(moving(''))).toEqual([lot('a', 1n)]);
  });

  test('that come and go in one batch are a new lot still', () => {
    const batch = batchOf([]);
    batch.moved(moving('e'), came(lot('a')));
    batch.moved(moving('f'), went([lot('a', 4n), 30n]));
    expect([...batch.newLots]).toEqual([['a', record(lot('a', 4n), 30n)]]);
    expect(batch.changedLots.size).toBe(0);
  });
});

describe('an order is the same again', () => {
  const asked: AskedOrder = { ...terms, side: 'buy', replaces: 'r' };
  const rows: [rule: string, asked: AskedOrder, same: boolean][] = [
    ['where all is as it was', asked, true],
    ['but not of another account', { ...asked, accountId: 'bob' }, false],
    ['of another symbol', { ...asked, symbol: 'MSFT' }, false],
    ['of more shares', { ...asked, qty: 11n }, false],
    ['of more money', { ...asked, principal: 101n }, false],
    ['at another limit', { ...asked, limit: 11n }, false],
    ['without one', { ...asked, limit: undefined }, false],
    ['on the other side', { ...asked, side: 'sell' }, false],
    ['in another order’s place', { ...asked, replaces: 's' }, false],
    ['in nobody’s', { ...asked, replaces: undefined }, false],
  ];
  test.each(rows)('%s', (_, order, same) => {
    expect(isSameOrder(held('o', undefined, 'r'), order)).toBe(same);
  });
});
