import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/domain/instrument.ts';
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
  [
    'other columns',
    ['symbol,name'],
    `line 1: the columns should be ${[
      'symbol,name,exchange,sector,type,currency,base_price',
      'tick,tick_below_one,lot,fractionable,volatility,daily_volume',
    ].join(',')}`,
  ],
  ['a value too few', [header, line.replace(',USD', '')], 'line 2: 12 values instead of 13'],
  ['a symbol that no subject takes', [header, line.replace('AAPL', 'BRK.B')], 'line 2: symbol: should be'],
  ['a symbol twice', [header, line, '', line], 'line 4: AAPL is on line 2 already'],
  ['a type that there is not', [header, line.replace('EQUITY', 'BOND')], 'line 2: type BOND should be EQUITY or ETF'],
  ['a currency that there is not', [header, line.replace('USD', 'XXX')], 'line 2: currency'],
  ['a price that is none', [header, line.replace('227.50', '1e3')], 'line 2: base_price 1e3 is no price'],
  ['a price off its tick', [header, line.replace('227.50', '227.505')], 'line 2: base_price'],
  ['a tick that is no price', [header, line.replace('0.01,', 'x,')], 'line 2: tick x is no price'],
  ['a tick of nothing', [header, line.replace('0.01,', '0,')], 'line 2: tick'],
  ['nor one below one', [header, line.replace('0.0001', '1/16')], 'line 2: tick_below_one 1/16 is no price'],
  ['a lot that is none', [header, line.replace('0.000001', 'all')], 'line 2: lot all is no quantity'],
  ['fractions without a small lot', [header, line.replace('0.000001', '1')], 'line 2: fractionable'],
  [
    'a word where yes or no should be',
    [header, line.replace('yes', 'maybe')],
    'line 2: fractionable should be yes or no',
  ],
  ['a volatility that is none', [header, line.replace('0.28', 'high')], 'line 2: volatility high is no number'],
  ['a volatility beyond belief', [header, line.replace('0.28', '28')], 'line 2: volatility'],
  [
    'a volume with a fraction',
    [header, line.replace('52000000', '5.2')],
    'line 2: daily_volume 5.2 is no whole number',
  ],
  ['with a sign', [header, line.replace('52000000', '-5')], 'line 2: daily_volume -5 is no whole number'],
  ['with a remark', [header, `${line}#`], 'line 2: daily_volume 52000000# is no whole number'],
  [
    'or of more digits than a number holds',
    [header, `${line}00000`],
    'line 2: daily_volume 5200000000000 is no whole number',
  ],
])('%s is told with its line', (_, lines, problem) => {
  const read = readInstrumentsFile(lines.join('\n'));
  expect('problems' in read ? read.problems : []).toEqual([expect.stringContaining(problem) as string]);
});

test('a line is an instrument, an empty one and a remark are none', () => {
  const fund = line.replace('AAPL,Apple', 'SPY,Spiders').replace('EQUITY', 'ETF').replace('0.000001,yes', '1,no');
  const read = readInstrumentsFile([header, '  ', line, '# sold: GE', fund, ''].join('\r\n'));
  const apple = {
    symbol: 'AAPL',
    name: 'Apple',
    exchange: 'NASDAQ',
    sector: 'Technology',
    type: 'equity',
    currency: 'USD',
    tick: 10_000n,
    tickBelowOne: 100n,
    lot: 1n,
    fractionable: true,
    tradable: true,
    halt: undefined,
    basePrice: 227_500_000n,
    ...DEFAULT_LIMITS,
    version: 1n,
    volatilityPpm: 280_000,
    dailyVolume: 52_000_000,
  };
  expect(read).toEqual({
    instruments: [
      apple,
      { ...apple, symbol: 'SPY', name: 'Spiders', type: 'etf', lot: 1_000_000n, fractionable: false },
    ],
  });
});

test('all that is wrong is told at once', () => {
  const read = readInstrumentsFile([header, line.replace('USD', 'XXX'), line.replace('0.28', 'x')].join('\n'));
  expect('problems' in read ? read.problems.length : 0).toBe(2);
});
