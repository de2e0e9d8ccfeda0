import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  barWidth,
  compact,
  drawn,
  fromPicture,
  money,
  percent,
  pictureMoney,
  price,
  quantity,
  ratioOf,
  setLocale,
  signedMoney,
  signOf,
  typed,
  understood,
} from '../../src/ui/number.ts';

beforeEach(() => {
  vi.stubGlobal('document', { documentElement: { lang: '' } });
  setLocale('en');
});

describe('numbers for the eye', () => {
  test.each([
    ['the largest amount keeps its last digit', () => quantity('9223372036854.775807'), '9,223,372,036,854.775807'],
    ['fifteen digits of money', () => money('123456789012.34', 'USD'), '$123,456,789,012.34'],
    ['a price has the decimals of its tick', () => price('187.5', '0.01'), '187.50'],
    ['a price below one has four', () => price('0.1234', '0.0001'), '0.1234'],
    ['an average keeps what its tick would hide', () => price('187.2134', '0.01'), '187.2134'],
    ['nothing is a dash', () => price(null), '–'],
    ['a gain has a plus', () => signedMoney('12.5', 'USD'), '+$12.50'],
    ['zero has no sign', () => signedMoney('0', 'USD'), '$0.00'],
    ['half a cent is rounded away from zero', () => money('11233.525', 'USD'), '$11,233.53'],
    ['a loss as well', () => signedMoney('-0.005', 'USD'), '-$0.01'],
    ['what rounds to nothing has no sign', () => money('-0.004', 'USD'), '$0.00'],
    ['nor has a ratio', () => percent('-0.00001'), '0.00%'],
    ['nor a price', () => price('-0.00001'), '0.0000'],
    ['nor a gain', () => signedMoney('-0.004', 'USD'), '$0.00'],
    ['what a picture shows is rounded as what stands beside it', () => pictureMoney(11233.525, 'USD'), '$11,233.53'],
    ['in a large picture too', () => pictureMoney(123456789.005, 'USD'), '$123,456,789.01'],
    ['a ratio is of one', () => percent('0.0152'), '1.52%'],
  ])('%s', (_, shown, expected) => {
    expect(shown()).toBe(expected);
  });

  test('what is drawn comes back from the picture to its last digit, up to fifteen of them', () => {
    for (let most = 9n; most < 10n ** 15n; most = most * 10n + 9n) {
      for (const units of [most, most / 2n, most / 3n, most / 7n]) {
        for (const decimals of [2, 4, 6]) {
          const text = decimalOf(units, decimals);
          expect(fromPicture(drawn(text), decimals)).toBe(text);
        }
      }
    }
  });

  test('a sign is read from the text', () => {
    expect([signOf('0.00'), signOf('-0.01'), signOf('3'), signOf(null)]).toEqual(['flat', 'down', 'up', 'flat']);
  });

  test('ratios are exact to the micro-unit and a bar stays within its row', () => {
    expect(ratioOf('1', '3')).toBe('0.333333');
    expect(ratioOf('1', '0')).toBe('0');
    expect([barWidth('5', '10'), barWidth('20', '10'), barWidth('1', '0')]).toEqual([0.5, 1, 0]);
  });
});

describe('in another notation the words stay English', () => {
  test.each([
    ['en', '5234567', '5.2M'],
    ['de', '5234567', '5,2M'],
    ['de', '999', '999'],
    ['de', '1000', '1K'],
    ['de', '1234500000000000', '1.234,5T'],
    ['fr', '12345', '12,3K'],
  ])('%s: %s', (locale, value, shown) => {
    setLocale(locale);
    expect(compact(value)).toBe(shown);
  });
});

describe('what somebody typed', () => {
  test.each([
    ['en', '1,234.5', '1234.5'],
    ['en', '1234.50', '1234.5'],
    ['en', '.5', '0.5'],
    ['en', ' 12 ', '12'],
    ['en', '007', '7'],
    ['de', '1.234,5', '1234.5'],
    ['de', '0,000001', '0.000001'],
    ['fr', '1 234,5', '1234.5'],
    ['de-CH', '1’234.5', '1234.5'],
  ])('%s: %s', (locale, text, value) => {
    setLocale(locale);
    expect(understood(text)).toEqual({ ok: true, value });
  });

  test.each([
    ['en', '', 'empty'],
    ['en', '1.5.5', 'not_a_number'],
    ['en', '12x', 'not_a_number'],
    ['en', '-3', 'not_a_number'],
    // In German a point groups: what is no group is not silently fifteen.
    ['de', '1.5', 'not_a_number'],
    ['en', '1,5', 'not_a_number'],
    ['en', '0.0000001', 'too_exact'],
    ['en', '99999999999999999999', 'too_large'],
  ])('%s: %s is refused', (locale, text, reason) => {
    setLocale(locale);
    expect(understood(text)).toEqual({ ok: false, reason });
  });

  test('a field shows it in the same notation', () => {
    setLocale('de');
    expect(typed('1234.5')).toBe('1234,5');
    expect(understood(typed('1234.5'))).toEqual({ ok: true, value: '1234.5' });
  });
});

function decimalOf(units: bigint, decimals: number): string {
  const text = String(units).padStart(decimals + 1, '0');
  return `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}
