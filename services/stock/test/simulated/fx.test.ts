import { expect, test } from 'vitest';
import { simulatedFx } from '../../src/ports/fx-source.ts';

const PAIRS = [
  ['EUR', 'USD'],
  ['GBP', 'USD'],
  ['USD', 'CAD'],
  ['EUR', 'GBP'],
  ['EUR', 'CAD'],
  ['GBP', 'CAD'],
].map(([base = '', quote = '']) => ({ base, quote }));
const HOUR_MS = 3_600_000;

test('two currencies that are not the dollar have the rate at which they are exchanged over it', async () => {
  const fx = simulatedFx('a seed');
  const differences = [];
  for (let hour = 0; hour < 24 * 90; hour += 7) {
    const rates = await fx.rates(PAIRS, Date.UTC(2026, 8, 1) + hour * HOUR_MS);
    const [eurUsd = 0, gbpUsd = 0, usdCad = 0, ...crosses] = rates.map(({ rate }) => Number(rate) / 1e6);
    const over = [eurUsd / gbpUsd, eurUsd * usdCad, gbpUsd * usdCad];
    for (const [at, rate] of crosses.entries()) {
      const expected = over[at] ?? 0;
      // A micro-unit is what the rates themselves are told to.
      if (Math.abs(rate - expected) > 1e-6) differences.push({ hour, pair: PAIRS[at + 3], rate, expected });
    }
  }
  expect(differences).toEqual([]);
});
