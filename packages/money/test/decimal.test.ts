import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  basisPointsOf,
  format,
  microsOf,
  type ParseRefusal,
  parseBasisPoints,
  parseMicros,
  parsePrice,
  parseQuantity,
  parseRate,
  priceOf,
  quantityOf,
  rateOf,
} from '../src/decimal.ts';
import { INT64_MAX, INT64_MIN, toMicros } from '../src/money.ts';

describe('is read', () => {
  const rows: [text: string, value: bigint][] = [
    ['0', 0n],
    ['187.25', 187_250_000n],
    ['0.000001', 1n],
    ['-0.000001', -1n],
    ['1.500000', 1_500_000n],
    ['-12', -12_000_000n],
    ['9223372036854.775807', INT64_MAX],
    ['-9223372036854.775808', INT64_MIN],
  ];
  test.each(rows)('%s', (text, value) => {
    expect(parseMicros(text)).toEqual({ ok: true, value });
  });
});

describe('is refused', () => {
  const rows: [text: string, reason: ParseRefusal][] = [
    ['', 'empty'],
    [' ', 'not_a_decimal'],
    [' 1', 'not_a_decimal'],
    ['1 ', 'not_a_decimal'],
    ['1\n', 'not_a_decimal'],
    ['+1', 'not_a_decimal'],
    ['--1', 'not_a_decimal'],
    ['-', 'not_a_decimal'],
    ['.', 'not_a_decimal'],
    ['.5', 'not_a_decimal'],
    ['5.', 'not_a_decimal'],
    ['1.2.3', 'not_a_decimal'],
    ['1e3', 'not_a_decimal'],
    ['0x10', 'not_a_decimal'],
    ['1_000', 'not_a_decimal'],
    ['1,000', 'not_a_decimal'],
    ['1,5', 'not_a_decimal'],
    ['NaN', 'not_a_decimal'],
    ['Infinity', 'not_a_decimal'],
    ['١', 'not_a_decimal'],
    ['10n', 'not_a_decimal'],
    ['00', 'leading_zero'],
    ['01', 'leading_zero'],
    ['-01.5', 'leading_zero'],
    ['-0', 'negative_zero'],
    ['-0.000000', 'negative_zero'],
    ['0.0000001', 'too_many_decimals'],
    ['1.0000000', 'too_many_decimals'],
    ['9223372036854.775808', 'out_of_range'],
    ['-9223372036854.775809', 'out_of_range'],
    ['9'.repeat(1_000_000), 'out_of_range'],
  ];
  test.each(rows.map(([text, reason]) => [text.slice(0, 30), reason, text] as const))('%j: %s', (_, reason, text) => {
    expect(parseMicros(text)).toEqual({ ok: false, reason });
  });
});

describe('each unit has its own bound', () => {
  const rows: [name: string, parse: (text: string) => unknown, text: string, reason: ParseRefusal][] = [
    ['price', parsePrice, '0', 'not_positive'],
    ['price', parsePrice, '-1', 'not_positive'],
    ['rate', parseRate, '0.0', 'not_positive'],
    ['quantity', parseQuantity, '-0.5', 'negative'],
    ['basis points', parseBasisPoints, '-1', 'negative'],
  ];
  test.each(rows)('%s', (_, parse, text, reason) => {
    expect(parse(text)).toEqual({ ok: false, reason });
  });
});

describe('what is within its bound is read, and the same by those who throw', () => {
  const rows: [
    name: string,
    parse: (text: string) => unknown,
    of: (text: string) => bigint,
    text: string,
    is: bigint,
  ][] = [
    ['money', parseMicros, microsOf, '-1.5', -1_500_000n],
    ['price', parsePrice, priceOf, '0.000001', 1n],
    ['rate', parseRate, rateOf, '0.000001', 1n],
    ['quantity', parseQuantity, quantityOf, '0', 0n],
    ['quantity', parseQuantity, quantityOf, '1.5', 1_500_000n],
    ['basis points', parseBasisPoints, basisPointsOf, '0', 0n],
    ['basis points', parseBasisPoints, basisPointsOf, '1.5', 1_500_000n],
  ];
  test.each(rows)('%s', (_, parse, of, text, value) => {
    expect(parse(text)).toEqual({ ok: true, value });
    expect(of(text)).toBe(value);
  });
});

test('a million digits are refused without anybody making a number of them', () => {
  const digits = '9'.repeat(1_000_000);
  const making = processorTime(() => BigInt(digits));
  expect(processorTime(() => parseMicros(digits))).toBeLessThan(making / 4);
});

function processorTime(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user;
}

test('format is the inverse of parse', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: INT64_MIN, max: INT64_MAX }), (value) => {
      expect(parseMicros(format(toMicros(value)))).toEqual({ ok: true, value });
    }),
  );
});

test('whatever is read is written back the same, but for trailing zeros', () => {
  const decimal = fc.stringMatching(/^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,7})?$/);
  fc.assert(
    fc.property(decimal, (text) => {
      const result = parseMicros(text);
      if (result.ok) expect(format(result.value)).toBe(text.includes('.') ? text.replace(/\.?0+$/, '') : text);
    }),
  );
});

test('any text is read or refused, never thrown at', () => {
  // A character of any kind, half ones too; the library's own takes seconds to list them all.
  const unit = fc.nat({ max: 0x10ffff }).map((point) => String.fromCodePoint(point));
  fc.assert(fc.property(fc.string({ unit }), (text) => typeof parseMicros(text).ok === 'boolean'));
});

test('throws on a constant that is not an amount', () => {
  expect(microsOf('1.5')).toBe(1_500_000n);
  expect(() => priceOf('-1')).toThrow('"-1" is not an amount: not_positive');
  expect(() => priceOf('1x'.repeat(100))).toThrow(`"${'1x'.repeat(20)}" is not an amount: not_a_decimal`);
});
