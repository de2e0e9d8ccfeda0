import {
  add,
  MICRO,
  type Micros,
  negate,
  subtract,
  sum,
  toBasisPoints,
  toMicros,
  toPrice,
  toQuantity,
  ZERO,
} from '@andvari/money';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FeeSchedule, NO_FEES } from '../../src/domain/fee-schedule.ts';
import { imbalance } from '../../src/domain/journal.ts';
import { type Lot, remainingCost } from '../../src/domain/lots.ts';
import { bought, FLAT, realised } from '../../src/domain/position.ts';
import { openReservation, principalOf, type Reservation, type Side } from '../../src/domain/reservation.ts';
import {
  type Books,
  change,
  type Fill,
  houseFill,
  type Settlement,
  type SettlementRefusal,
  settle,
} from '../../src/domain/settlement.ts';

const FEES: FeeSchedule = { ...NO_FEES, id: 's', basisPoints: toBasisPoints(10n * MICRO) };
const dollars = (n: bigint) => toMicros(n * MICRO);

const tenOld: Lot = {
  id: 'old',
  openedAt: 0n,
  qty: toQuantity(10n * MICRO),
  cost: dollars(500n),
  remaining: toQuantity(10n * MICRO),
};

function books(side: Side, more: Partial<Books> = {}): Books {
  const principal = side === 'buy' ? dollars(1000n) : toMicros(10n * MICRO);
  const schedule = more.schedule ?? NO_FEES;
  return {
    currency: 'USD',
    reservation: openReservation({ orderId: 'o', side, qty: toQuantity(10n * MICRO), principal }, schedule),
    terms: { accountId: 'ann-0a', symbol: 'AAPL', qty: 10n * MICRO, principal, limit: undefined },
    schedule,
    available: ZERO,
    availableShares: ZERO,
    position: side === 'buy' ? FLAT : bought(FLAT, tenOld.qty, tenOld.cost),
    lots: side === 'buy' ? [] : [tenOld],
    ...more,
  };
}

function fill(side: Side, shares: bigint, price: bigint, before = 0n): Fill {
  return {
    execId: 'e',
    digest: 'd',
    tradeId: '',
    triggered: false,
    orderId: 'o',
    accountId: 'ann-0a',
    symbol: 'AAPL',
    side,
    qty: toQuantity(shares * MICRO),
    price: toPrice(price * MICRO),
    cumQty: toQuantity((before + shares) * MICRO),
    leavesQty: toQuantity(10n * MICRO),
    at: 1n,
  };
}

describe('a leg', () => {
  type Row = [rule: string, fill: Fill, books: Books, cash: bigint, shares: bigint, freed: bigint, realised: bigint];
  const rows: Row[] = [
    ['of a buy pays and frees', fill('buy', 4n, 100n), books('buy'), -400n, 4n, 400n, 0n],
    ['of a buy gives the improvement back', fill('buy', 10n, 90n), books('buy'), -900n, 10n, 1000n, 0n],
    ['of a sale earns and realises', fill('sell', 4n, 100n), books('sell'), 400n, -4n, 4n, 200n],
    ['of a sale at a loss realises the loss', fill('sell', 10n, 40n), books('sell'), 400n, -10n, 10n, -100n],
  ];
  test.each(rows)('%s', (_, leg, against, cash, shares, freed, profit) => {
    const result = settled(settle(leg, against));
    expect([result.cash, result.shares, result.freed, result.realised]).toEqual([
      cash * MICRO,
      shares * MICRO,
      freed * MICRO,
      profit * MICRO,
    ]);
    // Its report says that ten are left, which is more than there are: that makes no order larger.
    const { qty, principal } = against.reservation;
    expect(result.reservation).toMatchObject({ qty, principal });
  });

  test.each([
    ['short by the rounding of a fill, is settled, and the house bears it', 2n, true],
    ['short by a micro-unit more, is not', 3n, false],
  ])('of a buy %s', (_, short, ok) => {
    const { reservation } = books('buy');
    const remaining = toMicros(reservation.remaining - short);
    const result = settle(fill('buy', 10n, 100n), books('buy', { reservation: { ...reservation, remaining } }));
    expect(result.ok).toBe(ok);
    if (!result.ok) expect(result.reason).toBe('cost_exceeds_reservation');
    else expect([result.cash, moved(result, 'ann-0a', 'USD')]).toEqual([negate(remaining), negate(remaining)]);
  });

  test('charges its fee in a journal of its own, with the schedule on it', () => {
    const result = settled(settle(fill('sell', 10n, 100n), books('sell', { schedule: FEES })));
    expect(result.fee).toBe(MICRO);
    expect(result.cash).toBe(999n * MICRO);
    expect(result.journals.map(({ kind, reference, feeScheduleId }) => [kind, reference, feeScheduleId])).toEqual([
      ['fill', 'e', undefined],
      ['fee', 'e', 's'],
    ]);
  });
});

describe('a leg is refused', () => {
  const half = settled(settle(fill('buy', 5n, 100n), books('buy'))).reservation;
  const over: Reservation = { ...half, state: 'closed', remaining: ZERO };
  const limited = { accountId: 'ann-0a', symbol: 'AAPL', qty: 10n * MICRO, principal: 10n ** 12n, limit: 90n * MICRO };
  const rows: [rule: string, fill: Fill, books: Books, reason: SettlementRefusal['reason']][] = [
    ['on the other side', fill('sell', 1n, 100n), books('buy'), 'side_differs_from_reservation'],
    ['when counted before', fill('buy', 5n, 100n), books('buy', { reservation: half }), 'fill_already_counted'],
    ['ahead of the fills before it', fill('buy', 1n, 100n, 6n), books('buy', { reservation: half }), 'fill_ahead'],
    ['beyond the order', fill('buy', 11n, 10n), books('buy'), 'fill_exceeds_order'],
    ['of shares that are not there', fill('sell', 5n, 10n), books('sell', { lots: [] }), 'insufficient_shares'],
    [
      'of shares that are held for another order',
      fill('sell', 5n, 100n),
      books('sell', { reservation: { ...books('sell').reservation, remaining: ZERO } }),
      'insufficient_shares',
    ],
    [
      'dearer than was reserved',
      fill('buy', 10n, 101n),
      books('buy', { available: dollars(10n) }),
      'price_beyond_limit',
    ],
    [
      'of another account',
      { ...fill('buy', 1n, 1n), accountId: 'bob-0b' },
      books('buy'),
      'account_differs_from_reservation',
    ],
    ['of another symbol', { ...fill('buy', 1n, 1n), symbol: 'MSFT' }, books('buy'), 'symbol_differs_from_reservation'],
    ['of a currency', { ...fill('buy', 1n, 1n), symbol: 'USD' }, books('buy'), 'symbol_differs_from_reservation'],
    ['once the order has ended', fill('buy', 5n, 100n, 5n), books('buy', { reservation: over }), 'order_has_ended'],
    ['above a limit that was named', fill('buy', 1n, 91n), books('buy', { terms: limited }), 'price_beyond_limit'],
    ['below a limit that was named', fill('sell', 1n, 89n), books('sell', { terms: limited }), 'price_beyond_limit'],
    [
      'of a triggered order for more than was reserved and is available',
      { ...fill('buy', 10n, 101n), triggered: true },
      books('buy'),
      'cost_exceeds_reservation',
    ],
  ];
  test.each(rows)('%s', (_, leg, against, reason) => {
    expect(settle(leg, against)).toEqual({ ok: false, reason });
  });

  test('but not when it waited for a trigger and the account can pay what the reservation does not', () => {
    const triggered = { ...fill('buy', 10n, 101n), triggered: true };
    expect(settle(triggered, books('buy', { available: dollars(10n) })).ok).toBe(true);
  });

  test('at its limit it is not, and at a better price it is not', () => {
    expect(settle(fill('sell', 1n, 90n), books('sell', { terms: limited })).ok).toBe(true);
    expect(settle(fill('buy', 1n, 89n), books('buy', { terms: limited })).ok).toBe(true);
  });
});

describe('the end of an order', () => {
  const { reservation: fresh, terms } = books('buy');
  const half = settled(settle(fill('buy', 5n, 100n), books('buy'))).reservation;
  const order = { orderId: 'o', accountId: 'ann-0a', symbol: 'AAPL', side: 'buy' } as const;
  const at = (filled: bigint, leaves: bigint) => ({
    ...order,
    cumQty: toQuantity(filled * MICRO),
    leavesQty: toQuantity(leaves * MICRO),
  });

  test('a fill that leaves less than was thought gives the difference back', () => {
    const result = settled(settle({ ...fill('buy', 5n, 100n), leavesQty: toQuantity(0n) }, books('buy')));
    expect(result).toMatchObject({ freed: dollars(1000n), reservation: { remaining: 0n, state: 'closed' } });
  });

  test('canceled, it holds nothing', () => {
    const result = change({ ...at(5n, 0n), type: 'ended' }, half, terms, undefined);
    expect(result).toMatchObject({ ok: true, freed: dollars(500n), reservation: { remaining: 0n, state: 'closed' } });
  });

  test('told again, it changes nothing', () => {
    const once = change({ ...at(5n, 0n), type: 'ended' }, half, terms, undefined);
    expect(once.ok && change({ ...at(5n, 0n), type: 'ended' }, once.reservation, terms, undefined)).toMatchObject({
      freed: 0n,
    });
  });

  test('waits for the fills before it', () => {
    expect(change({ ...at(5n, 0n), type: 'ended' }, fresh, terms, undefined)).toEqual({
      ok: false,
      reason: 'fill_ahead',
    });
  });

  const strangers: [string, object, string][] = [
    ['of another account', { accountId: 'bob-0b' }, 'account_differs_from_reservation'],
    ['of another symbol', { symbol: 'MSFT' }, 'symbol_differs_from_reservation'],
    ['on the other side', { side: 'sell' }, 'side_differs_from_reservation'],
    ['with fewer fills than there were', { cumQty: 0n }, 'fills_differ_from_report'],
  ];
  test.each(strangers)('%s, it is refused', (_, bend, reason) => {
    const report = { ...at(5n, 0n), type: 'ended', ...bend } as const;
    expect(change(report, half, terms, undefined)).toEqual({ ok: false, reason });
  });

  test('replaced by an order that the fills have overtaken, it leaves that one filled, and nothing held', () => {
    const small = {
      ...fresh,
      orderId: 'n',
      qty: toQuantity(3n * MICRO),
      principal: dollars(300n),
      remaining: dollars(7n),
    };
    const result = change({ ...at(5n, 0n), type: 'replaced', replacedBy: 'n' }, half, terms, small);
    expect(result).toMatchObject({
      freed: dollars(507n),
      reservation: { remaining: 0n, state: 'closed' },
      replacement: { qty: 5n * MICRO, filled: 5n * MICRO, remaining: 0n, state: 'closed' },
    });
  });

  test('replaced told again, when the other has traded since, it changes nothing', () => {
    const next = { ...fresh, orderId: 'n', filled: toQuantity(7n * MICRO) };
    const closed = { ...half, state: 'closed', remaining: ZERO } as const;
    const result = change({ ...at(5n, 5n), type: 'replaced', replacedBy: 'n' }, closed, terms, next);
    expect(result).toMatchObject({ freed: 0n, replacement: undefined });
  });

  test.each([
    ['replaced by an order that has ended', 'replaced', 'closed'],
    ['ended, with another order at hand', 'ended', 'open'],
  ] as const)('%s, it hands nothing over', (_, type, state) => {
    const next = { ...fresh, orderId: 'n', remaining: ZERO, state };
    expect(change({ ...at(5n, 0n), type, replacedBy: 'n' }, half, terms, next)).toMatchObject({
      ok: true,
      freed: dollars(500n),
      reservation: { orderId: 'o', remaining: 0n, state: 'closed' },
      replacement: undefined,
    });
  });

  test('restated with more left than there is, it is no larger', () => {
    const result = change({ ...at(5n, 50n), type: 'restated' }, half, terms, undefined);
    expect(result).toEqual({ ok: true, reservation: half, replacement: undefined, freed: 0n });
  });

  test('made smaller, it holds less', () => {
    const result = change({ ...at(5n, 2n), type: 'restated' }, half, terms, undefined);
    expect(result).toMatchObject({ freed: dollars(300n), reservation: { remaining: dollars(200n), state: 'open' } });
  });

  test('replaced, it hands over what it holds and has filled', () => {
    const next = { ...fresh, orderId: 'n', remaining: ZERO };
    const result = change({ ...at(5n, 5n), type: 'replaced', replacedBy: 'n' }, half, terms, next);
    expect(result).toMatchObject({
      freed: 0n,
      reservation: { remaining: 0n, state: 'closed' },
      replacement: { orderId: 'n', filled: 5n * MICRO, remaining: dollars(500n), state: 'open' },
    });
  });
});

test('the house books its legs against clearing alone', () => {
  expect(houseFill(fill('sell', 2n, 100n), 'USD').entries).toHaveLength(4);
});

describe('any order, filled in any pieces by an account with nothing else', () => {
  const pieces = fc.array(fc.bigInt({ min: 1n, max: 3n * 10n ** 6n }), { minLength: 1, maxLength: 15 });
  const price = fc.bigInt({ min: 1n, max: 10n ** 9n });

  test('never takes the account below zero, and conserves everything', () => {
    fc.assert(
      fc.property(pieces, price, price, fc.boolean(), (sizes, limit, better, charged) => {
        const schedule = charged ? FEES : NO_FEES;
        const qty = toQuantity(sizes.reduce((total, size) => total + size, 0n));
        const principal = principalOf(toPrice(limit), qty);
        const terms = { ...books('buy').terms, qty, principal };
        let state = books('buy', {
          schedule,
          terms,
          reservation: openReservation({ orderId: 'o', side: 'buy', qty, principal }, schedule),
        });
        let posted = state.reservation.remaining;
        let cumQty = 0n;
        const lots: Lot[] = [];
        for (const [index, size] of sizes.entries()) {
          cumQty += size;
          const leg: Fill = {
            ...fill('buy', 1n, 1n),
            execId: `e${index}`,
            qty: toQuantity(size),
            cumQty: toQuantity(cumQty),
            leavesQty: toQuantity(qty - cumQty),
            price: toPrice(index % 2 === 0 || better > limit ? limit : better),
          };
          const result = settled(settle(leg, state));
          for (const journal of result.journals) expect(imbalance(journal.entries).size).toBe(0);
          expect(moved(result, 'ann-0a', 'USD')).toBe(result.cash);
          expect(moved(result, 'ann-0a', 'AAPL')).toBe(result.shares);
          posted = add(posted, result.cash);
          const available = subtract(posted, result.reservation.remaining);
          expect(available >= 0n).toBe(true);
          lots.push(...result.lots);
          const { reservation, position } = result;
          state = books('buy', { schedule, terms, available, reservation, position });
        }
        expect(state.reservation).toMatchObject({ remaining: 0n, state: 'closed' });
        expect(state.position.qty).toBe(qty);
        expect(state.position.cost).toBe(sum(lots.map(remainingCost)));
        expect(realised(state.position)).toBe(0n);
      }),
      { numRuns: 1000 },
    );
  });
});

function settled(result: Settlement | SettlementRefusal): Settlement {
  if (result.ok) return result;
  throw new Error(result.reason);
}

function moved(result: Settlement, accountId: string, asset: string): Micros {
  return sum(
    result.journals
      .flatMap(({ entries }) => entries)
      .filter(({ ledger }) => ledger.of === 'account' && ledger.accountId === accountId && ledger.asset === asset)
      .map(({ amount }) => amount),
  );
}
