import { MICRO, type Micros, toMicros, toRate } from '@andvari/money';
import { CURRENCIES } from '@andvari/money/currency';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Currency } from '../../src/domain/asset.ts';
import {
  type DollarRate,
  type ExchangeRefusal,
  exchanged,
  exchangeLimitOf,
  exchangeOf,
  refuseExchange,
  shownRate,
} from '../../src/domain/exchange.ts';

const pair = (base: Currency, quote: Currency, rate: bigint): DollarRate => ({
  base,
  quote,
  rate: toRate(rate),
  asOfUs: 1n,
  validUntilUs: 2n ** 62n,
  source: 'test',
});
const ratesOf = ([eur, gbp, cad]: readonly [bigint, bigint, bigint]): DollarRate[] => [
  pair('EUR', 'USD', eur),
  pair('GBP', 'USD', gbp),
  pair('USD', 'CAD', cad),
];
const RATES = ratesOf([1_080_000n, 1_270_000n, 1_370_000n]);

function received(given: bigint, from: Currency, to: Currency, rates = RATES, spread = 0n): bigint {
  const exchange = exchangeOf(from, to, rates, spread);
  if (exchange === undefined) throw new Error('no rate');
  return exchanged(toMicros(given), exchange);
}

const dated = (base: Currency, quote: Currency, asOfUs: bigint, source: string): DollarRate => ({
  ...pair(base, quote, MICRO),
  asOfUs,
  source,
});

describe('an exchange', () => {
  const rows: [rule: string, given: bigint, from: Currency, to: Currency, received: bigint][] = [
    ['with the rate multiplies', 100n * MICRO, 'EUR', 'USD', 108n * MICRO],
    ['against the rate divides by the same', 108n * MICRO, 'USD', 'EUR', 100n * MICRO],
    ['out of the dollar with the rate multiplies', 100n * MICRO, 'USD', 'CAD', 137n * MICRO],
    ['over the dollar takes both at once', 100n * MICRO, 'EUR', 'CAD', 147_960_000n],
    ['rounds what is received down', 1n, 'USD', 'EUR', 0n],
    ['of a hair less than a unit gives none', 1_079_999n, 'USD', 'EUR', 999_999n],
  ];
  test.each(rows)('%s', (_, given, from, to, wanted) => {
    expect(received(given, from, to)).toBe(wanted);
  });

  test('leaves the house its spread', () => {
    expect(received(100n * MICRO, 'EUR', 'USD', RATES, 2000n)).toBe(107_784_000n);
  });

  test('needs a rate of every currency but the dollar', () => {
    expect(exchangeOf('EUR', 'CAD', RATES.slice(0, 2), 0n)).toBeUndefined();
    expect(exchangeOf('CAD', 'EUR', RATES.slice(0, 2), 0n)).toBeUndefined();
  });

  const [eur, gbp, cad] = [
    dated('EUR', 'USD', 5n, 'bank'),
    dated('GBP', 'USD', 4n, 'bank'),
    dated('USD', 'CAD', 3n, 'exchange'),
  ];
  const used: [rule: string, Currency, Currency, asOfUs: bigint, sources: string][] = [
    ['the one that it is made of', 'EUR', 'USD', 5n, 'bank'],
    ['the one whose second it is', 'USD', 'CAD', 3n, 'exchange'],
    ['the older of two', 'EUR', 'CAD', 3n, 'bank,exchange'],
    ['the older, whichever comes first', 'CAD', 'GBP', 3n, 'bank,exchange'],
    ['two of one source, which is named once', 'EUR', 'GBP', 4n, 'bank'],
  ];
  test.each(used)('says of its rates: %s', (_, from, to, asOfUs, sources) => {
    expect(exchangeOf(from, to, [eur, gbp, cad], 0n)).toMatchObject({ from, to, asOfUs, sources, spread: 0n });
  });

  test('says of its rates: the older, whichever is listed first', () => {
    expect(exchangeOf('EUR', 'CAD', [cad, eur], 0n)).toMatchObject({ asOfUs: 3n });
  });

  test('of dollars for dollars needs no rate at all', () => {
    expect(exchangeOf('USD', 'USD', [], 0n)).toMatchObject({ asOfUs: 0n, sources: '' });
  });

  test.each<[from: Currency, to: Currency, numerator: bigint, denominator: bigint]>([
    ['EUR', 'USD', 1_080_000n * 999_000n, MICRO * MICRO],
    ['USD', 'EUR', MICRO * 999_000n, 1_080_000n * MICRO],
    ['EUR', 'CAD', 1_080_000n * 1_370_000n * 999_000n, MICRO * MICRO * MICRO],
  ])('of %s for %s is kept as a fraction, its spread taken off', (from, to, numerator, denominator) => {
    expect(exchangeOf(from, to, RATES, 1000n)).toMatchObject({ numerator, denominator, spread: 1000n });
  });

  test('is never shown as nothing', () => {
    const tiny = exchangeOf('EUR', 'USD', [pair('EUR', 'USD', 1n)], 999_999n);
    expect(tiny && shownRate(tiny)).toBe(1n);
  });

  test('is shown as what one unit brings', () => {
    const exchange = exchangeOf('EUR', 'USD', RATES, 0n);
    expect(exchange && shownRate(exchange)).toBe(1_080_000n);
  });
});

describe('no way round', () => {
  const currency = fc.constantFrom(...CURRENCIES);
  const rate = fc.bigInt({ min: 1n, max: 10n ** 12n });
  const ways = fc.array(currency, { minLength: 1, maxLength: 12 });

  test('over any currencies gains a micro-unit, whatever the rates, with no spread at all', () => {
    fc.assert(
      fc.property(
        fc.tuple(rate, rate, rate),
        ways,
        currency,
        fc.bigInt({ min: 1n, max: 10n ** 15n }),
        (all, way, home, given) => {
          const rates = ratesOf(all);
          let [at, held]: [Currency, bigint] = [home, given];
          for (const next of [...way, home]) {
            if (next === at) continue;
            const exchange = exchangeOf(at, next, rates, 0n);
            if (exchange === undefined) throw new Error('no rate');
            const wide = (held * exchange.numerator) / exchange.denominator;
            fc.pre(wide < 2n ** 62n);
            held = exchanged(held as Micros, exchange);
            at = next;
          }
          expect(held <= given).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('cut into any parts brings more than the whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 1n, max: 10n ** 9n }), { minLength: 1 }),
        currency,
        currency,
        (parts, from, to) => {
          fc.pre(from !== to);
          const whole = parts.reduce((total, part) => total + part, 0n);
          const sum = parts.reduce((total, part) => total + received(part, from, to), 0n);
          expect(sum <= received(whole, from, to)).toBe(true);
        },
      ),
    );
  });
});

describe('limits', () => {
  const limits = { perTransfer: toMicros(100n), perDay: toMicros(250n), transfersPerDay: 3 };
  const rows: [
    rule: string,
    given: bigint,
    today: { amount: bigint; transfers: number },
    refusal: string | undefined,
  ][] = [
    ['of one exchange', 101n, { amount: 0n, transfers: 0 }, 'exchange_limit_per_transfer'],
    ['on their number', 1n, { amount: 3n, transfers: 3 }, 'exchange_limit_transfers_per_day'],
    ['of a day', 100n, { amount: 151n, transfers: 2 }, 'exchange_limit_per_day'],
    ['on their number first, then of a day', 100n, { amount: 251n, transfers: 3 }, 'exchange_limit_transfers_per_day'],
    ['are for what is beyond them', 100n, { amount: 150n, transfers: 2 }, undefined],
  ];
  const says: [refused: ExchangeRefusal, limit: Record<string, bigint>][] = [
    ['exchange_limit_per_transfer', { limit: 100n }],
    ['exchange_limit_transfers_per_day', { used: 2_000_000n, limit: 3_000_000n }],
    ['exchange_limit_per_day', { used: 150n, limit: 250n }],
  ];
  test.each(says)('%s says what keeps within it', (refused, limit) => {
    expect(exchangeLimitOf(refused, limits, { amount: 150n, transfers: 2 })).toEqual(limit);
  });

  test.each(rows)('%s', (_, given, today, refusal) => {
    expect(refuseExchange(toMicros(given), limits, today)).toBe(refusal);
  });
});
