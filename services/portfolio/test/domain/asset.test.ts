import { CURRENCIES } from '@andvari/money/currency';
import { expect, test } from 'vitest';
import { isCurrency } from '../../src/domain/asset.ts';

test('what is counted is money where it is one of the currencies, and a share otherwise', () => {
  expect(['USD', 'CAD', 'EUR', 'GBP', 'AAPL', 'usd', ''].filter(isCurrency)).toEqual(['USD', 'CAD', 'EUR', 'GBP']);
  expect([...CURRENCIES]).toEqual(['USD', 'CAD', 'EUR', 'GBP']);
});
