import { beforeEach, expect, test, vi } from 'vitest';
import { letterText } from '../../src/features/inbox/letter-text.ts';
import { setLocale } from '../../src/ui/number.ts';

beforeEach(() => void vi.stubGlobal('document', { documentElement: { lang: '' } }));

test.each([
  ['en-US', 'Your deposit of 5000.5 USD has settled.', 'Your deposit of $5,000.50 has settled.'],
  ['de-DE', 'Your deposit of 5000.5 EUR has settled.', 'Your deposit of 5.000,50\u00a0€ has settled.'],
  ['en-US', 'From 12 GBP to 15.25 CAD.', 'From £12.00 to $15.25.'],
  ['en-US', 'Your order to buy 5 USDX at 187.5 was filled.', 'Your order to buy 5 USDX at 187.5 was filled.'],
])('%s: %s', (locale, body, shown) => {
  setLocale(locale);
  expect(letterText(body)).toBe(shown);
});
