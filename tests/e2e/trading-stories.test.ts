import { describe, expect, test } from 'vitest';
import { useMarket } from './market.ts';
import { verified } from './traders.ts';
import { atMovingPrices } from './trading/at-moving-prices.ts';
import { betweenPeople } from './trading/between-people.ts';
import { inGroups } from './trading/in-groups.ts';
import { replacementPreview } from './trading/replacement-preview.ts';

/** One market for all of it, in which each group of stories has symbols of its own; each is at 200 dollars until a story moves it. */
const symbols = {
  betweenPeople: ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'META'],
  inGroups: ['JPM', 'KO', 'DIS', 'IBM', 'V'],
  atMovingPrices: ['ORCL', 'AMD', 'CSCO', 'WMT', 'PEP'],
  replacementPreview: ['INTC'],
};
const market = useMarket(
  Object.fromEntries(Object.values(symbols).flatMap((each) => each.map((symbol) => [symbol, 200]))),
);
describe('between people', () => betweenPeople(market));
describe('in groups', () => inGroups(market));
describe('at moving prices', () => atMovingPrices(market));
describe('the preview of a replacement', () => replacementPreview(market));

test('the books of all services agree', async () => {
  await verified(market.system);
  expect((await market.system.verify()).differences).toEqual([]);
});
