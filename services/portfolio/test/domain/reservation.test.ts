import { add, amount, MICRO, min, subtract, toBasisPoints, toMicros, toPrice, toQuantity } from '@andvari/money';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FeeSchedule, NO_FEES } from '../../src/domain/fee-schedule.ts';
import {
  collaredPrice,
  consume,
  openReservation,
  principalOf,
  type Reservation,
  ROUNDING_PER_FILL,
  release,
  replacementHold,
  replaceReservation,
  restate,
  type Side,
} from '../../src/domain/reservation.ts';

const DOLLAR = MICRO;
const SOME_FEES: FeeSchedule = { ...NO_FEES, perOrder: toMicros(DOLLAR), basisPoints: toBasisPoints(5n * MICRO) };

describe('what is reserved', () => {
  const rows: [rule: string, side: Side, principal: bigint, schedule: FeeSchedule, remaining: bigint][] = [
    ['a buy holds price times quantity', 'buy', 1000n * DOLLAR, NO_FEES, 1000n * DOLLAR],
    ['a buy holds the most its fees can come to', 'buy', 1000n * DOLLAR, SOME_FEES, 1001_500_000n],
    ['a sale holds the shares and nothing for fees', 'sell', 10n * MICRO, SOME_FEES, 10n * MICRO],
  ];
  test.each(rows)('%s', (_, side, principal, schedule, remaining) => {
    expect(open(side, 10n * MICRO, principal, schedule).remaining).toBe(remaining);
  });

  test('a market buy reserves at the ask plus the collar, rounded up', () => {
    expect(collaredPrice(toPrice(100_000_000n), 50_000n)).toBe(105_000_000n);
    expect(collaredPrice(toPrice(1n), 50_000n)).toBe(2n);
  });
});

describe('a fill', () => {
  const order = open('buy', 10n * MICRO, 1000n * DOLLAR, NO_FEES);
  const rows: [rule: string, shares: bigint, price: bigint, freed: bigint, remaining: bigint, state: string][] = [
    ['at the limit frees what it costs', 4n, 100n, 400n, 600n, 'open'],
    ['below the limit frees the improvement with it', 4n, 90n, 400n, 600n, 'open'],
    ['that completes the order leaves nothing reserved', 10n, 95n, 1000n, 0n, 'closed'],
  ];
  test.each(rows)('%s', (_, shares, price, freed, remaining, state) => {
    const after = consume(order, fillOf(shares * MICRO, price * DOLLAR), NO_FEES);
    expect([after.freed, after.reservation.remaining, after.reservation.state]).toEqual([
      freed * DOLLAR,
      remaining * DOLLAR,
      state,
    ]);
  });

  test('pays its fee out of what was held for fees', () => {
    const held = open('buy', 10n * MICRO, 1000n * DOLLAR, SOME_FEES);
    const first = consume(held, fillOf(5n * MICRO, 100n * DOLLAR), SOME_FEES);
    expect(first.fee).toBe(1_250_000n);
    expect(first.freed).toBe(501_250_000n);
    const last = consume(first.reservation, fillOf(5n * MICRO, 100n * DOLLAR), SOME_FEES);
    expect([last.fee, last.freed, last.reservation.remaining]).toEqual([250_000n, 500_250_000n, 0n]);
  });

  test('of a sale pays a fee of no more than its proceeds', () => {
    const held = open('sell', MICRO, MICRO, SOME_FEES);
    expect(consume(held, fillOf(MICRO, DOLLAR / 2n), SOME_FEES).fee).toBe(DOLLAR / 2n);
  });
});

const limits = fc.bigInt({ min: 1n, max: 10n ** 9n }).map(toPrice);
const pieces = fc.array(fc.record({ size: fc.bigInt({ min: 1n, max: 10n ** 7n }), better: fc.nat({ max: 100 }) }), {
  minLength: 1,
  maxLength: 12,
});

describe('any run of fills at the limit or better', () => {
  test('frees what it costs, up to the rounding, and leaves nothing behind', () => {
    fc.assert(
      fc.property(limits, pieces, fc.boolean(), (limit, fills, charged) => {
        const schedule = charged ? SOME_FEES : NO_FEES;
        const qty = toQuantity(fills.reduce((total, { size }) => total + size, 0n));
        let reservation = open('buy', qty, principalOf(limit, qty), schedule);
        const held = reservation.remaining;
        let freed = 0n;
        for (const { size, better } of fills) {
          const fill = fillOf(size, improved(limit, better));
          const step = consume(reservation, fill, schedule);
          expect(step.freed >= 0n).toBe(true);
          expect(add(fill.amount, step.fee) <= step.freed + ROUNDING_PER_FILL).toBe(true);
          freed += step.freed;
          reservation = step.reservation;
        }
        expect(freed).toBe(held);
        expect([reservation.remaining, reservation.state]).toEqual([0n, 'closed']);
      }),
      { numRuns: 1000 },
    );
  });

  test('of whole shares never costs a micro-unit more than it frees', () => {
    fc.assert(
      fc.property(limits, pieces, (limit, fills) => {
        const qty = toQuantity(fills.reduce((total, { size }) => total + size, 0n) * MICRO);
        let reservation = open('buy', qty, principalOf(limit, qty), NO_FEES);
        for (const { size, better } of fills) {
          const fill = fillOf(size * MICRO, improved(limit, better));
          const step = consume(reservation, fill, NO_FEES);
          expect(fill.amount <= step.freed).toBe(true);
          reservation = step.reservation;
        }
      }),
    );
  });

  test('and a release at any point give back all that was held, once', () => {
    fc.assert(
      fc.property(limits, pieces, fc.nat({ max: 12 }), (limit, fills, stopAfter) => {
        const qty = toQuantity(fills.reduce((total, { size }) => total + size, 0n));
        let reservation = open('buy', qty, principalOf(limit, qty), NO_FEES);
        let freed = 0n;
        for (const { size } of fills.slice(0, stopAfter)) {
          const step = consume(reservation, fillOf(size, limit), NO_FEES);
          freed += step.freed;
          reservation = step.reservation;
        }
        const ended = release(reservation);
        expect(freed + ended.freed).toBe(principalOf(limit, qty));
        expect(release(ended.reservation).freed).toBe(0n);
      }),
    );
  });
});

describe('an order made smaller', () => {
  test('gives back what the lost shares held', () => {
    const half = consume(
      open('sell', 10n * MICRO, 10n * MICRO, NO_FEES),
      fillOf(5n * MICRO, DOLLAR),
      NO_FEES,
    ).reservation;
    const { reservation, freed } = restate(half, toQuantity(2n * MICRO));
    expect([reservation.qty, reservation.remaining, freed]).toEqual([7n * MICRO, 2n * MICRO, 3n * MICRO]);
  });

  test('to nothing is closed', () => {
    const order = open('buy', 10n * MICRO, 1000n * DOLLAR, NO_FEES);
    expect(restate(order, toQuantity(0n)).reservation).toEqual({ ...order, remaining: 0n, state: 'closed' });
  });
});

describe('a replacement pending', () => {
  const rows: [rule: string, old: [bigint, bigint], next: [bigint, bigint], extra: bigint][] = [
    ['at a higher price holds the difference', [10n, 100n], [10n, 110n], 100n],
    ['for more shares holds the added ones', [10n, 100n], [15n, 100n], 500n],
    ['for fewer shares holds nothing more', [10n, 100n], [5n, 100n], 0n],
    ['at a lower price holds nothing more', [10n, 100n], [10n, 60n], 0n],
    ['for more shares at a lower price holds all the added ones', [10n, 100n], [20n, 60n], 600n],
  ];
  test.each(rows)('%s', (_, [oldShares, oldPrice], [shares, price], extra) => {
    const old = limitBuy(oldShares, oldPrice);
    expect(replacementHold(old, limitBuy(shares, price))).toBe(extra * DOLLAR);
  });

  test('covers the new order however many shares the old one still traded', () => {
    const shares = fc.bigInt({ min: 1n, max: 50n });
    const price = fc.bigInt({ min: 1n, max: 500n });
    fc.assert(
      fc.property(
        shares,
        price,
        shares,
        price,
        fc.bigInt({ min: 0n, max: 49n }),
        fc.boolean(),
        (q1, p1, q2, p2, late, charged) => {
          const schedule = charged ? SOME_FEES : NO_FEES;
          fc.pre(late < q1 && late < q2);
          const old = limitBuy(q1, p1, schedule);
          const wanted = limitBuy(q2, p2, schedule);
          const pending: Reservation = { ...wanted, remaining: min(replacementHold(old, wanted), wanted.remaining) };
          const raced = late === 0n ? old : consume(old, fillOf(late * MICRO, p1 * DOLLAR), schedule).reservation;
          const { old: gone, next, freed } = replaceReservation(raced, pending);
          expect(gone).toMatchObject({ remaining: 0n, state: 'closed' });
          expect(freed).toBe(subtract(add(raced.remaining, pending.remaining), next.remaining));
          const rest = consume(next, fillOf((q2 - late) * MICRO, p2 * DOLLAR), schedule);
          const cost = add(amount(toPrice(p2 * DOLLAR), toQuantity((q2 - late) * MICRO)), rest.fee);
          expect(cost <= rest.freed + ROUNDING_PER_FILL).toBe(true);
          expect(rest.reservation.remaining).toBe(0n);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function limitBuy(shares: bigint, price: bigint, schedule = NO_FEES): Reservation {
  return open('buy', shares * MICRO, shares * price * DOLLAR, schedule);
}

function open(side: Side, qty: bigint, principal: bigint, schedule: FeeSchedule): Reservation {
  return openReservation({ orderId: 'o', side, qty: toQuantity(qty), principal: toMicros(principal) }, schedule);
}

function fillOf(qty: bigint, price: bigint) {
  return { qty: toQuantity(qty), amount: amount(toPrice(price), toQuantity(qty)) };
}

function improved(limit: bigint, percent: number): bigint {
  const price = (limit * BigInt(100 - percent)) / 100n;
  return price > 0n ? price : 1n;
}
