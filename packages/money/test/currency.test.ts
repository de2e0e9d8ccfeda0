import { expect, test } from 'vitest';
import { isCurrency } from '../src/currency.ts';

test('a currency is one of these, and spelt so', () => {
  expect(['USD', 'CAD', 'EUR', 'GBP', 'JPY', 'usd', 'AAPL', ''].filter(isCurrency)).toEqual([
    'USD',
    'CAD',
    'EUR',
    'GBP',
  ]);
});
