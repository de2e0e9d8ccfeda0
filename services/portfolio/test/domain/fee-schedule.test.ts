import { add, type BasisPoints, NO_SHARES, toBasisPoints, toMicros, toQuantity, ZERO } from '@andvari/money';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FeeSchedule,
  type FeeScheduleRefusal,
  feeDue,
  feeForFill,
  NO_FEES,
  NOTHING_TRADED,
  refuseSchedule,
  scheduleAt,
} from '../../src/domain/fee-schedule.ts';

const CENT = 10_000n;
const DOLLAR = 1_000_000n;
const BASIS_POINT = 1_000_000n;

type Terms = { perOrder?: bigint; perShare?: bigint; basisPoints?: bigint; minimum?: bigint; maximum?: bigint };

function schedule(terms: Terms, id = 'one', effectiveFrom = 0n): FeeSchedule {
  return {
    id,
    name: id,
    effectiveFrom,
    perOrder: toMicros(terms.perOrder ?? 0n),
    perShare: toMicros(terms.perShare ?? 0n),
    basisPoints: toBasisPoints(terms.basisPoints ?? 0n),
    minimum: toMicros(terms.minimum ?? 0n),
    maximum: terms.maximum === undefined ? undefined : toMicros(terms.maximum),
  };
}

describe('the fee due on an order', () => {
  const rows: [rule: string, terms: Terms, shares: bigint, dollars: bigint, due: bigint][] = [
    ['is nothing by default', {}, 10n, 1000n, 0n],
    ['per order, whatever its size', { perOrder: DOLLAR }, 10n, 1000n, DOLLAR],
    ['per share', { perShare: CENT / 2n }, 10n, 1000n, 5n * CENT],
    ['in basis points of the amount', { basisPoints: 5n * BASIS_POINT }, 10n, 1000n, 50n * CENT],
    ['in parts of a basis point', { basisPoints: BASIS_POINT / 2n }, 10n, 1000n, 5n * CENT],
    ['all three add up', { perOrder: DOLLAR, perShare: CENT, basisPoints: BASIS_POINT }, 10n, 1000n, 120n * CENT],
    ['at least the minimum', { perShare: CENT, minimum: DOLLAR }, 10n, 1000n, DOLLAR],
    ['at most the maximum', { basisPoints: 100n * BASIS_POINT, maximum: 5n * DOLLAR }, 10n, 1000n, 5n * DOLLAR],
    ['and no more than any account can hold', { perShare: 10n ** 18n }, 10n ** 9n, 1n, 2n ** 63n - 1n],
    ['nothing while nothing traded, not even the minimum', { perOrder: DOLLAR, minimum: DOLLAR }, 0n, 0n, 0n],
  ];
  test.each(rows)('%s', (_, terms, shares, dollars, due) => {
    const traded = { qty: toQuantity(shares * DOLLAR), amount: toMicros(dollars * DOLLAR) };
    expect(feeDue(schedule(terms), traded)).toBe(due);
  });
});

test('many fills pay what one would have paid', () => {
  const money = fc.bigInt({ min: 0n, max: 5n * DOLLAR });
  const terms = fc.record({ perOrder: money, perShare: money, basisPoints: money, minimum: money });
  const fills = fc.array(
    fc.record({ qty: fc.bigInt({ min: 1n, max: 10n ** 8n }), amount: fc.bigInt({ min: 0n, max: 10n ** 10n }) }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(terms, fc.option(money), fills, (some, room, each) => {
      const fees = schedule(room === null ? some : { ...some, maximum: some.minimum + room });
      let traded = NOTHING_TRADED;
      let paid = ZERO;
      for (const fill of each) {
        traded = {
          qty: add(traded.qty, toQuantity(fill.qty)),
          amount: add(traded.amount, toMicros(fill.amount)),
        };
        const fee = feeForFill(fees, traded, paid, toMicros(10n ** 18n));
        expect(fee >= 0n).toBe(true);
        paid = add(paid, fee);
      }
      expect(paid).toBe(feeDue(fees, traded));
    }),
  );
});

test('a fee never exceeds its ceiling, and what was not paid is due at the next fill', () => {
  const fees = schedule({ minimum: DOLLAR });
  const first = { qty: toQuantity(1n), amount: toMicros(30n * CENT) };
  const paid = feeForFill(fees, first, ZERO, first.amount);
  expect(paid).toBe(30n * CENT);
  expect(feeForFill(fees, { qty: toQuantity(2n), amount: toMicros(10n * DOLLAR) }, paid, toMicros(9n * DOLLAR))).toBe(
    70n * CENT,
  );
});

describe('the schedule in force', () => {
  const schedules = [schedule({}, 'second', 200n), schedule({}, 'first', 100n), schedule({}, 'third', 300n)];
  const rows: [rule: string, at: bigint, id: string][] = [
    ['none before the first', 99n, NO_FEES.id],
    ['from its very first moment', 100n, 'first'],
    ['until the next takes over', 299n, 'second'],
    ['the last, for good', 10_000n, 'third'],
  ];
  test.each(rows)('%s', (_, at, id) => {
    expect(scheduleAt(schedules, at).id).toBe(id);
  });

  test('of two from the same moment, the one that was set later', () => {
    expect(scheduleAt([...schedules, schedule({}, 'corrected', 300n)], 300n).id).toBe('corrected');
  });
});

describe('a schedule', () => {
  const rows: [rule: string, schedule: FeeSchedule, refusal: FeeScheduleRefusal | undefined][] = [
    ['of zero is fine', schedule({}, 'a', 100n), undefined],
    ['may have a maximum equal to its minimum', schedule({ minimum: 5n, maximum: 5n }, 'a', 100n), undefined],
    ['does not pay the client', schedule({ perOrder: -1n }, 'a', 100n), 'fee_negative'],
    ['nor for a share', schedule({ perShare: -1n }, 'a', 100n), 'fee_negative'],
    ['nor in basis points', { ...schedule({}, 'a', 100n), basisPoints: -1n as BasisPoints }, 'fee_negative'],
    ['has no negative minimum', schedule({ minimum: -1n }, 'a', 100n), 'fee_negative'],
    ['has no negative maximum', schedule({ maximum: -1n }, 'a', 100n), 'fee_negative'],
    ['has room between its bounds', schedule({ minimum: 5n, maximum: 4n }, 'a', 100n), 'fee_maximum_below_minimum'],
    ['does not change what was charged', schedule({}, 'a', 99n), 'fee_schedule_in_the_past'],
  ];
  test.each(rows)('%s', (_, each, refusal) => {
    expect(refuseSchedule(each, 100n)).toBe(refusal);
  });
});

test('until an operator sets one, trading is free', () => {
  expect(scheduleAt([], 10_000n)).toEqual({
    id: '00000000-0000-0000-0000-000000000000',
    name: 'none',
    effectiveFrom: 0n,
    perOrder: 0n,
    perShare: 0n,
    basisPoints: 0n,
    minimum: 0n,
    maximum: undefined,
  });
});

test('nothing traded is nothing', () => {
  expect(NOTHING_TRADED).toEqual({ qty: NO_SHARES, amount: ZERO });
});
