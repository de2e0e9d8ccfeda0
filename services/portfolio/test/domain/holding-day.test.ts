import { MICRO, type Micros, toMicros, toPrice } from '@andvari/money';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayGain, dayOf, type Stretch } from '../../src/domain/holding-day.ts';

const CLOSE = 1_000n;
const shares = (count: bigint): bigint => count * MICRO;
const worth = (count: bigint, price: bigint): Micros => toMicros(count * price * MICRO);
const stretch = (net: bigint, paid: bigint, split = 0n): Stretch => ({
  net: shares(net),
  paid: paid * MICRO,
  split: shares(split),
});
const gain = (held: bigint, price: bigint, close: bigint, stretches: readonly Stretch[]) =>
  dayGain(worth(held, price), dayOf(shares(held), CLOSE, stretches), { price: toPrice(close * MICRO), atUs: CLOSE });

describe('what a holding has gained today', () => {
  test.each<[rule: string, held: bigint, price: bigint, close: bigint, stretches: Stretch[], expected: bigint]>([
    ['held since before: from the close', 10n, 120n, 110n, [], 100n],
    ['bought today: from what was paid', 10n, 120n, 110n, [stretch(10n, 1190n)], 10n],
    ['more bought today: each from its own', 15n, 120n, 110n, [stretch(5n, 650n)], 50n],
    ['sold today: until what it brought', 6n, 120n, 110n, [stretch(-4n, -500n)], 120n],
    ['sold out today', 0n, 120n, 110n, [stretch(-10n, -1150n)], 50n],
    ['bought and sold today', 0n, 120n, 110n, [stretch(0n, -7n)], 7n],
    ['a dividend is a gain', 10n, 100n, 110n, [stretch(0n, -100n)], 0n],
    ['two new shares for one: no gain', 20n, 55n, 55n, [stretch(0n, 0n, 10n)], 0n],
    ['bought before a split of today', 20n, 55n, 55n, [stretch(5n, 500n), stretch(0n, 0n, 10n)], 50n],
  ])('%s', (_, held, price, close, stretches, expected) => {
    expect(gain(held, price, close, stretches)).toBe(expected * MICRO);
  });

  test('is not known by a price of another close, nor without one', () => {
    const day = dayOf(shares(10n), CLOSE, []);
    expect(dayGain(worth(10n, 120n), day, { price: toPrice(MICRO), atUs: CLOSE - 1n })).toBeUndefined();
    expect(dayGain(worth(10n, 120n), day, undefined)).toBeUndefined();
    expect(dayGain(worth(10n, 120n), undefined, { price: toPrice(MICRO), atUs: CLOSE })).toBeUndefined();
  });

  test('of what came today no price of then is needed', () => {
    expect(dayGain(worth(10n, 120n), dayOf(shares(10n), CLOSE, [stretch(10n, 1000n)]), undefined)).toBe(200n * MICRO);
  });
});

/** An account kept the plain way: money and shares, and what they were at the close. */
type Step = { what: 'trade'; shares: bigint; cash: bigint } | { what: 'dividend'; cash: bigint } | { what: 'split' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    what: fc.constant('trade' as const),
    shares: fc.bigInt({ min: -5n, max: 9n }),
    cash: fc.bigInt({ min: 1n, max: 999n }),
  }),
  fc.record({ what: fc.constant('dividend' as const), cash: fc.bigInt({ min: 1n, max: 50n }) }),
  fc.constant({ what: 'split' as const }),
);

test('is what the account is worth more than at the close, whatever has happened since', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 50n }),
      fc.bigInt({ min: 1n, max: 99n }),
      fc.bigInt({ min: 1n, max: 99n }),
      fc.array(step, { maxLength: 12 }),
      (atClose, close, price, steps) => {
        let [held, cash, splits] = [atClose, 0n, 0n];
        const stretches: { net: bigint; paid: bigint; split: bigint }[] = [stretch(0n, 0n)];
        for (const one of steps) {
          const last = stretches.at(-1);
          if (last === undefined) return;
          if (one.what === 'split') {
            if (held === 0n) continue;
            stretches.push(stretch(0n, 0n, held));
            [held, splits] = [held * 2n, splits + 1n];
            continue;
          }
          const moved = one.what === 'trade' ? (one.shares < -held ? -held : one.shares) : 0n;
          const paid = one.what === 'trade' && moved > 0n ? one.cash : -one.cash;
          [held, cash] = [held + moved, cash - paid];
          last.net += shares(moved);
          last.paid += paid * MICRO;
        }
        // The close in the shares of now is the close then over what they became; a multiple keeps it whole.
        const before = close * 2n ** splits;
        const naive = (held * price + cash - atClose * before) * MICRO;
        // Who held nothing when it was split, and something at the close, cannot be: a split needs shares.
        expect(gain(held, price, close, stretches)).toBe(naive);
      },
    ),
    { numRuns: 500 },
  );
});
