import { MICRO, type Micros, toMicros, toPrice, toQuantity } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { NO_FEES } from '../../src/domain/fee-schedule.ts';
import type { Grouped } from '../../src/domain/group.ts';
import { bought, FLAT } from '../../src/domain/position.ts';
import { openReservation, type Reservation, type Side } from '../../src/domain/reservation.ts';
import { type Books, change, type Fill, type OrderChange, settle } from '../../src/domain/settlement.ts';

const shares = (n: bigint) => toQuantity(n * MICRO);
const held = (n: bigint): Micros => toMicros(n * MICRO);

function reservation(orderId: string, side: Side, bend: Partial<Reservation> = {}): Reservation {
  const principal = held(side === 'buy' ? 1000n : 10n);
  return { ...openReservation({ orderId, side, qty: shares(10n), principal }, NO_FEES), ...bend };
}

const leg = (place: number, of: Reservation): Grouped => ({
  reservation: of,
  replaces: undefined,
  group: { id: 'g', type: 'bracket', leg: place },
});

/** A bracket whose entry has bought some; its exits hold them between them. */
function bracket(entered: bigint, entry: Partial<Reservation> = {}): [entry: Grouped, profit: Grouped, stop: Grouped] {
  return [
    leg(0, reservation('entry', 'buy', { filled: shares(entered), ...entry })),
    leg(1, reservation('profit', 'sell', { remaining: held(entered) })),
    leg(2, reservation('stop', 'sell', { remaining: held(0n) })),
  ];
}

const terms = { accountId: 'a', symbol: 'AAPL', qty: 10n * MICRO, principal: 10n * MICRO, limit: undefined };
const lot = { id: 'l', openedAt: 0n, qty: shares(10n), cost: held(500n), remaining: shares(10n) };

function books(members: readonly Grouped[], of: Reservation): Books {
  return {
    currency: 'USD',
    reservation: of,
    terms,
    group: members,
    schedule: NO_FEES,
    available: held(0n),
    availableShares: held(0n),
    position: bought(FLAT, lot.qty, lot.cost),
    lots: [lot],
  };
}

const fill = (orderId: string, qty: bigint, leaves: bigint): Fill => ({
  execId: 'e',
  digest: 'd',
  tradeId: '',
  orderId,
  accountId: 'a',
  symbol: 'AAPL',
  side: 'sell',
  qty: shares(qty),
  price: toPrice(100n * MICRO),
  cumQty: shares(qty),
  leavesQty: shares(leaves),
  at: 1n,
  triggered: false,
});

describe('an exit’s leg', () => {
  test.each([
    ['of more than its entry has bought is ahead while that goes on', {}, 'fill_ahead'],
    [
      'of more than its entry has bought is beyond the order once that is over',
      { state: 'closed' },
      'fill_exceeds_order',
    ],
  ] as const)('%s', (_, entry, reason) => {
    const members = bracket(4n, entry);
    expect(settle(fill('profit', 5n, 5n), books(members, members[1].reservation))).toEqual({ ok: false, reason });
  });

  test('of all that its entry has bought leaves nothing held in any of them', () => {
    const members = bracket(4n);
    const result = settle(fill('profit', 4n, 6n), books(members, members[1].reservation));
    expect(result).toMatchObject({
      ok: true,
      freed: held(4n),
      // It goes on: the entry may yet buy more for it to sell.
      reservation: { orderId: 'profit', qty: shares(10n), filled: shares(4n), remaining: 0n, state: 'open' },
      siblings: [],
    });
  });

  test('of a part frees that part', () => {
    const members = bracket(4n);
    expect(settle(fill('profit', 1n, 3n), books(members, members[1].reservation))).toMatchObject({
      freed: held(1n),
      reservation: { qty: shares(10n), remaining: held(3n) },
      siblings: [],
    });
  });

  test('that ends it hands what is left to the other', () => {
    const members = bracket(4n);
    const result = settle(fill('profit', 1n, 0n), books(members, members[1].reservation));
    expect(result).toMatchObject({
      freed: held(1n),
      reservation: { orderId: 'profit', remaining: 0n, state: 'closed' },
      siblings: [{ ...members[2].reservation, remaining: held(3n) }],
    });
  });

  test('of the one that holds nothing takes from what the other holds', () => {
    const members = bracket(4n);
    expect(settle(fill('stop', 1n, 9n), books(members, members[2].reservation))).toMatchObject({
      freed: held(1n),
      reservation: { orderId: 'stop', filled: shares(1n), remaining: 0n },
      siblings: [{ orderId: 'profit', remaining: held(3n) }],
    });
  });
});

describe('an order that changes', () => {
  const half = reservation('o', 'sell', { filled: shares(5n), remaining: held(5n) });
  const closed = { ...half, state: 'closed', remaining: held(0n) } as const;
  const report = (type: OrderChange['type'], filled: bigint, leaves: bigint): OrderChange => ({
    type,
    orderId: 'o',
    accountId: 'a',
    symbol: 'AAPL',
    side: 'sell',
    cumQty: shares(filled),
    leavesQty: shares(leaves),
  });

  test('smaller, told of before its last fills, changes all the same', () => {
    expect(change(report('restated', 4n, 2n), half, terms, undefined)).toMatchObject({
      ok: true,
      freed: held(3n),
      reservation: { remaining: held(2n) },
    });
  });

  test('smaller as an exit waits for what its group is told of its entry', () => {
    const same = { ok: true, reservation: half, replacement: undefined, freed: 0n };
    expect(change(report('restated', 5n, 2n), half, terms, undefined, true)).toEqual(same);
  });

  test('by ending twice, with fewer fills the second time, changes nothing', () => {
    expect(change(report('ended', 4n, 0n), closed, terms, undefined)).toMatchObject({ ok: true, freed: 0n });
  });

  test('by making way for one that nobody reserved gives all back', () => {
    expect(change(report('replaced', 5n, 5n), half, terms, undefined)).toMatchObject({
      ok: true,
      freed: held(5n),
      reservation: { remaining: 0n, state: 'closed' },
      replacement: undefined,
    });
  });

  test('by making way hands over, and that is settled', () => {
    const next = { ...reservation('n', 'sell'), remaining: held(0n) };
    expect(change(report('replaced', 5n, 5n), half, terms, next)).toMatchObject({ ok: true, freed: 0n });
  });
});

const buying = (more: Partial<Books>, of: Partial<Fill> = {}) => {
  const order = reservation('o', 'buy');
  return settle(
    { ...fill('o', 10n, 0n), side: 'buy', ...of },
    { ...books([], order), group: undefined, terms: { ...terms, principal: held(1000n) }, ...more },
  );
};

describe('a buy', () => {
  test('is one journal without a fee, closes no lot and changes no other order', () => {
    const result = buying({});
    expect(result).toMatchObject({ ok: true, siblings: [], closings: [] });
    expect(result.ok && result.journals).toHaveLength(1);
  });

  test('at its limit is settled', () => {
    expect(buying({ terms: { ...terms, limit: 100n * MICRO } }).ok).toBe(true);
  });

  test('for half a micro-unit more than was reserved for it is as dear as that', () => {
    const [qty, principal] = [toQuantity(500_000n), toMicros(500_000n)];
    const order = openReservation({ orderId: 'o', side: 'buy', qty, principal }, NO_FEES);
    const half = { qty, cumQty: qty, price: toPrice(1_000_001n) };
    expect(buying({ reservation: order, terms: { ...terms, qty, principal } }, half).ok).toBe(true);
  });
});
