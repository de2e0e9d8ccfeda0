import { expect, test } from 'vitest';
import { madeUpInstruments } from '../../bench/made-up-instruments.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import { createInstrumentSearch } from '../../src/domain/instrument-search.ts';

const [sample] = madeUpInstruments(1);
const market = [
  ['SW', 'Granite Software Corp'],
  ['SWX', 'Software Works'],
  ['S', 'Silver River Steel'],
  ['MCD', "McDonald's"],
  ['NSRGY', 'Nestlé'],
  ['HRB', 'Harbor Energy'],
  ['SOFI', 'SoFi Technologies'],
  ['BRK-B', 'Berkshire Hathaway Class B'],
  ['SPY', 'SPDR S&P 500 ETF'],
  ['XIU', 'iShares S&P/TSX 60 ETF'],
  ['AAPL', 'Apple'],
  ['APLE', 'Apple Hospitality Inc'],
  ['NEW', 'New Company'],
  ['NEWS', 'New Star Mining'],
] as const;

function indexOf(listed: readonly (readonly [string, string])[]) {
  const search = createInstrumentSearch();
  for (const [symbol, name] of listed) search.put(instrument(symbol, name));
  return search;
}

function instrument(symbol: string, name: string, version = 1n): Instrument {
  if (sample === undefined) throw new Error('there is no instrument to make others of');
  return { ...sample, symbol, name, version };
}

const symbolsOf = (found: readonly Instrument[]): string[] => found.map(({ symbol }) => symbol);

test.each<[string, string, string[]]>([
  ['the symbol itself, then symbols that begin so, the shorter first, then names', 's', ['S', 'SW', 'SPY', 'SWX']],
  ['a name that begins so comes before one that has it inside', 'soft', ['SWX', 'SW']],
  ['two letters that changed places', 'sofwtare', ['SWX', 'SW']],
  ['a letter too few in each of two words', 'harbr enrgy', ['HRB']],
  ['a word wrong beside one that is right finds what has both', 'granite sofware', ['SW']],
  ['words in any order', 'software granite', ['SW']],
  ['an accent that was left out', 'nestle', ['NSRGY']],
  ['an accent that was not', 'NESTLÉ', ['NSRGY']],
  ['a symbol with a dot', 'BRK.B', ['BRK-B']],
  ['a symbol with a blank', 'brk b', ['BRK-B']],
  ['a symbol with a stroke', 'Brk/b', ['BRK-B']],
  ['a symbol that is not finished', 'brk.', ['BRK-B']],
  ['words of one letter each', 's&p', ['SPY', 'XIU']],
  ['words of one letter beside others', 's&p 500', ['SPY']],
  ['a word that has only begun takes nothing away', 'harbor e', ['HRB']],
  ['what companies are, where a name has it and where it has not', 'apple inc', ['APLE', 'AAPL']],
  ['with a dot', 'Harbor Energy Ltd.', ['HRB']],
  ['and mistyped', 'harbro enrgy corporation', ['HRB']],
  ['where it is part of the name', 'new company', ['NEW', 'NEWS']],
  ['a quote is a character', "mcdonald's", ['MCD']],
  ['what nothing looks like', 'nothing like it', []],
  ['only signs', '%_\\', []],
  ['only blanks', '  ', []],
])('%s', (_, query, expected) => {
  expect(symbolsOf(indexOf(market).find(query, 4))).toEqual(expected);
});

test('no more than were asked for, each once', () => {
  const found = symbolsOf(indexOf(market).find('s', 2));
  expect(found).toEqual(['S', 'SW']);
});

test('however few are asked for, they are the first of those that more are: a page goes on where the one before ended', () => {
  const search = createInstrumentSearch();
  for (const one of madeUpInstruments(3000)) search.put(one);
  for (const [symbol, name] of market) search.put(instrument(symbol, name));
  for (const query of ['s', 's&p', 'so', 'apple inc', 'software', 'granite corp', 'sofwtare', 'energy ltd']) {
    const all = symbolsOf(search.find(query, 100));
    for (const first of [1, 2, 3, 10, 50, 99])
      expect(symbolsOf(search.find(query, first))).toEqual(all.slice(0, first));
  }
});

test('a new name is found and the old one no longer, a new version without one is', () => {
  const search = indexOf(market);
  search.put(instrument('SW', 'Prairie Robotics', 2n));
  expect(symbolsOf(search.find('granite', 5))).toEqual([]);
  expect(symbolsOf(search.find('robotcs', 5))).toEqual(['SW']);
  search.put({ ...instrument('SW', 'Prairie Robotics', 3n), tradable: false });
  expect(search.find('prairie', 5)).toMatchObject([{ version: 3n, tradable: false }]);
});

test('the index is made in pieces, and a search before its end misses nothing', () => {
  const search = createInstrumentSearch();
  for (const one of madeUpInstruments(350)) search.put(one);
  search.put(instrument('QQQZ', 'Quixotic Zymurgy'));
  expect([search.indexSome(100), search.indexSome(100)]).toEqual([true, true]);
  expect(symbolsOf(search.find('zymurgy', 5))).toEqual(['QQQZ']);
  expect(search.indexSome(100)).toBe(false);
  search.put(instrument('QQQY', 'Quixotic Zymase'));
  expect(search.indexSome(100)).toBe(false);
  expect(symbolsOf(search.find('quixotic', 5))).toEqual(['QQQY', 'QQQZ']);
});

test('among all the others of a large market', () => {
  const search = createInstrumentSearch();
  for (const one of madeUpInstruments(5000)) search.put(one);
  search.put(instrument('QQQZ', 'Quixotic Zymurgy'));
  expect(symbolsOf(search.find('zymrugy', 5))).toEqual(['QQQZ']);
  const wrong = search.find('sofwtare', 10);
  expect(wrong).toHaveLength(10);
  for (const { name } of wrong) expect(name).toContain('Software');
});
