import { expect, test } from 'vitest';
import { type Found, fitting } from '../../src/api/symbol-search.ts';

const nodes: Found[] = [
  { symbol: 'ABT', name: 'Abbott Laboratories' },
  { symbol: 'AAPL', name: 'Apple' },
  { symbol: 'AMZN', name: 'Amazon.com' },
];
const symbols = (found: readonly Found[]): string[] => found.map(({ symbol }) => symbol);

test.each([
  ['a', 'a', ['ABT', 'AAPL', 'AMZN']],
  ['a', 'aapl', ['AAPL']],
  ['a', 'App', ['AAPL']],
  ['aapl', 'a', ['ABT', 'AAPL', 'AMZN']],
  ['a', 'ko', []],
  ['laboratories', 'laboratories', ['ABT', 'AAPL', 'AMZN']],
  ['a', '', []],
])('found for %j, of which for %j fit %j', (query, text, fit) => {
  expect(symbols(fitting({ query, nodes }, text))).toEqual(fit);
});
