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
  ['a short word beside a longer one, which the name has not', 'energy h', ['HRB']],
  ['two letters that names begin with, the symbol first', 'so', ['SOFI', 'SWX']],
  ['every word is to be there', 'apple software', []],
  ['a symbol with more than one sign', 'brk. b', ['BRK-B']],
  ['signs before and behind the words', '(s&p)', ['SPY', 'XIU']],
  ['blanks before and behind it', ' s ', ['S', 'SW', 'SPY', 'SWX']],
  ['a quote is a character', "mcdonald's", ['MCD']],
  ['what nothing looks like', 'nothing like it', []],
  ['only signs', '%_\\', []],
  ['only blanks', '  ', []],
])('%s', (_, query, expected) => {
  expect(symbolsOf(indexOf(market).find(query, 4))).toEqual(expected);
});

/** What is listed, in an order that no answer has; each symbol but the first speaks against its place. */
test.each<[rule: string, query: string, listed: [symbol: string, name: string][], expected: string[]]>([
  [
    'names that begin so are in the order of names, equal ones in that of symbols',
    'gran',
    [
      ['A', 'Granite'],
      ['Z', 'Grand'],
      ['Y', 'Granary'],
      ['B', 'Granite'],
      ['C', 'Great'],
      ['X', 'Grampian'],
    ],
    ['Y', 'Z', 'A', 'B'],
  ],
  [
    'symbols of lengths between which there are none',
    'ab',
    [
      ['ABCD', 'Quartz'],
      ['AB', 'Zinc'],
      ['ABCDEF', 'Tin'],
    ],
    ['AB', 'ABCD', 'ABCDEF'],
  ],
  [
    'a word that begins so counts for more than a shorter name that has it inside',
    'ware',
    [
      ['A', 'Big Software'],
      ['B', 'A Warehouse in the North'],
    ],
    ['B', 'A'],
  ],
  [
    'of two words that have it the better one counts, whichever comes first',
    'ware',
    [
      ['A', 'Big Hardware'],
      ['B', 'Old Warehouse Software'],
      ['C', 'Old Software Warehouse'],
    ],
    ['B', 'C', 'A'],
  ],
  [
    'a name that has all words at their beginnings comes before shorter ones that have some inside',
    'alp bet',
    [
      ['A', 'Xbet Alpha'],
      ['B', 'Xalp Beta'],
      ['C', 'Many Betas and Alphas'],
      ['D', 'Xalp Xbet'],
    ],
    ['C', 'B', 'A', 'D'],
  ],
  [
    'what is as good comes by length, then by symbol, whatever was listed first',
    'granite',
    [
      ['ZZ', 'Old Granite'],
      ['MM', 'Red Granite'],
      ['AA', 'New Granite'],
      ['BB', 'A Granite'],
    ],
    ['BB', 'AA', 'MM', 'ZZ'],
  ],
  [
    'who has every piece of a word but not the word has nothing to do with it',
    'carpet',
    [
      ['A', 'Oscar Sharp'],
      ['B', 'Serpent'],
      ['C', 'Petal'],
    ],
    [],
  ],
  [
    'accents in the middle of words',
    'societe generale',
    [
      ['A', 'Société Générale'],
      ['B', 'Socit'],
    ],
    ['A'],
  ],
  [
    'three of ten trigrams in common are enough, two are not',
    'harbor',
    [
      ['A', 'Hazyx'],
      ['B', 'Harxy'],
    ],
    ['B'],
  ],
])('%s', (_, query, listed, expected) => {
  const search = indexOf(listed);
  expect(symbolsOf(search.find(query, 9))).toEqual(expected);
  for (const first of [1, 2]) expect(symbolsOf(search.find(query, first))).toEqual(expected.slice(0, first));
});

/** As it is defined, looking at every way to make the one word of the other. */
function naiveMistakes(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const across = naiveMistakes(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1);
  const isChanged = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  const changed = isChanged ? naiveMistakes(a.slice(2), b.slice(2)) + 1 : across;
  return Math.min(across, changed, naiveMistakes(a.slice(1), b) + 1, naiveMistakes(a, b.slice(1)) + 1);
}

function trigramsOf(word: string): Set<string> {
  const padded = `  ${word} `;
  return new Set(Array.from(word + ' ', (_, at) => padded.slice(at, at + 3)));
}

function isAlike(a: string, b: string): boolean {
  const [ours, theirs] = [trigramsOf(a), trigramsOf(b)];
  return ours.intersection(theirs).size / ours.union(theirs).size >= 0.3;
}

/** One letter too many, too few, wrong or changed with the next one, in every place. */
function mistyped(word: string): string[] {
  return Array.from(word, (letter, at) => {
    const [before, after] = [word.slice(0, at), word.slice(at + 1)];
    return [
      before + after,
      `${before}x${letter}${after}`,
      `${before}x${after}`,
      before + after.slice(0, 1) + letter + after.slice(1),
    ];
  }).flat();
}

test.each(['harbor', 'banana', 'ababab'])('what looks like %s comes in the order of its mistakes', (query) => {
  const once = mistyped(query);
  const words = new Set([...once, ...once.flatMap(mistyped)].filter((word) => !word.includes(query)));
  // Symbols against the order of the words, so that only the mistakes say which comes first.
  const listed = [...words].map((name, at) => [`S${1000 + words.size - at}`, name] as const);
  const expected = listed
    .filter(([, name]) => isAlike(query, name))
    .map(([symbol, name]) => ({
      symbol,
      name,
      rank: 1 - naiveMistakes(query, name) / Math.max(query.length, name.length),
    }))
    .toSorted((a, b) => b.rank - a.rank || a.name.length - b.name.length || (a.symbol < b.symbol ? -1 : 1));
  expect(expected.length).toBeGreaterThan(20);
  expect(symbolsOf(indexOf(listed).find(query, listed.length))).toEqual(expected.map(({ symbol }) => symbol));
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
  expect(symbolsOf(search.find('granite', 5))).toEqual(['SW']);
  search.put(instrument('SW', 'Prairie Robotics', 2n));
  expect(symbolsOf(search.find('granite', 5))).toEqual([]);
  expect(symbolsOf(search.find('robotcs', 5))).toEqual(['SW']);
  search.put({ ...instrument('SW', 'Prairie Robotics', 3n), tradable: false });
  expect(search.find('prairie', 5)).toMatchObject([{ version: 3n, tradable: false }]);
});

test('who is renamed is found once, by symbol and by both names in turn, and the others as before', () => {
  const search = indexOf([
    ['AA', 'Granite Works'],
    ['BB', 'Granite Mills'],
    ['BA', 'Marble Works'],
    ['BC', 'Marble Mills'],
  ]);
  const names = ['Granite Mills', 'Slate Mills'];
  for (let turn = 0; turn < 4; turn += 1) {
    const [name = '', other = ''] = turn % 2 === 0 ? names : names.toReversed();
    search.put(instrument('BB', name));
    const has = (word: string): string[] => (name.startsWith(word) ? ['BB'] : []);
    expect(symbolsOf(search.find('b', 9))).toEqual(['BA', 'BB', 'BC']);
    expect(symbolsOf(search.find('granite', 9))).toEqual([...has('Granite'), 'AA']);
    expect(symbolsOf(search.find('slate', 9))).toEqual(has('Slate'));
    expect(symbolsOf(search.find('late', 9))).toEqual(has('Slate'));
    expect(symbolsOf(search.find('mills', 9))).toEqual(turn % 2 === 0 ? ['BC', 'BB'] : ['BB', 'BC']);
    expect(symbolsOf(search.find('works', 9))).toEqual(['BA', 'AA']);
    expect(symbolsOf(search.find(other, 9))).toEqual([]);
  }
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
