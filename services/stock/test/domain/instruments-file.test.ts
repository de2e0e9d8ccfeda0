import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readInstrumentsFile } from '../../src/domain/instruments-file.ts';

const shipped = readFileSync(new URL('../../data/instruments.csv', import.meta.url), 'utf8');
const [header = ''] = shipped.split('\n');

test('the file that is shipped is right: real names, most in dollars, some in Canadian dollars and euros', () => {
  const read = readInstrumentsFile(shipped);
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const { instruments } = read;
  expect(instruments.length).toBeGreaterThanOrEqual(120);
  const count = (currency: string) => instruments.filter((one) => one.currency === currency).length;
  expect(count('USD')).toBeGreaterThan(100);
  expect(count('CAD')).toBeGreaterThan(3);
  expect(count('EUR')).toBeGreaterThan(3);
  expect(instruments.filter(({ type }) => type === 'etf').length).toBeGreaterThan(8);
  expect(instruments.filter(({ fractionable }) => !fractionable).length).toBeGreaterThan(3);
  expect(instruments.some(({ basePrice }) => basePrice < 1_000_000n)).toBe(true);
});

const line = 'AAPL,Apple,NASDAQ,Technology,EQUITY,USD,227.50,0.01,0.0001,0.000001,yes,0.28,52000000';
test.each<[string, string[], string]>([
  ['other columns', ['symbol,name'], 'line 1: the columns'],
  ['a value too few', [header, line.replace(',USD', '')], 'line 2: 12 values instead of 13'],
  ['a symbol that no subject takes', [header, line.replace('AAPL', 'BRK.B')], 'line 2: symbol'],
  ['a symbol twice', [header, line, '', line], 'line 4: AAPL is on line 2 already'],
  ['a type that there is not', [header, line.replace('EQUITY', 'BOND')], 'line 2: type BOND'],
  ['a currency that there is not', [header, line.replace('USD', 'XXX')], 'line 2: currency'],
  ['a price that is none', [header, line.replace('227.50', '1e3')], 'line 2: base_price'],
  ['a price off its tick', [header, line.replace('227.50', '227.505')], 'line 2: base_price'],
  ['a tick of nothing', [header, line.replace('0.01,', '0,')], 'line 2: tick'],
  ['fractions without a small lot', [header, line.replace('0.000001', '1')], 'line 2: fractionable'],
  ['a word where yes or no should be', [header, line.replace('yes', 'maybe')], 'line 2: fractionable'],
  ['a volatility beyond belief', [header, line.replace('0.28', '28')], 'line 2: volatility'],
  ['a volume with a fraction', [header, line.replace('52000000', '5.2')], 'line 2: daily_volume'],
])('%s is told with its line', (_, lines, problem) => {
  const read = readInstrumentsFile(lines.join('\n'));
  expect('problems' in read ? read.problems : []).toEqual([expect.stringContaining(problem) as string]);
});

test('all that is wrong is told at once', () => {
  const read = readInstrumentsFile([header, line.replace('USD', 'XXX'), line.replace('0.28', 'x')].join('\n'));
  expect('problems' in read ? read.problems.length : 0).toBe(2);
});
