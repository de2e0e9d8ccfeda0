import type { Instrument } from './instrument.ts';

/** Shorter than three characters, a piece of a word is in too many of them. */
const MIN_PIECE = 3;
/** What two words have in common of all their trigrams, below which they are not compared; `sofwtare` and `software` have 0.38. */
const ALIKE = 0.3;

/** What follows a company's name on paper; people type it, and listings mostly leave it out. */
const LEGAL_FORMS = new Set('inc incorporated corp corporation company ltd limited llc plc'.split(' '));

export type InstrumentSearch = ReturnType<typeof createInstrumentSearch>;

/**
 * An index of all instruments by symbol, name and the words of names, mistyped ones included. A search looks at what its words
 * have to do with, not at all there is: with 50,000 instruments one takes well below a millisecond (docs/benchmarks.md).
 */
export function createInstrumentSearch() {
  const listed = new Map<string, Listed>();
  const symbols: Listed[][] = [];
  const names: Listed[] = [];
  const vocabulary = createVocabulary();
  const waiting = new Map<string, Instrument>();

  return {
    /** Noted, and indexed before the next search. */
    put: (instrument: Instrument): void => void waiting.set(instrument.symbol, instrument),

    indexSome,

    /**
     * What begins so; where that is too little what has all its words inside, then all but those for what a company is; and where
     * nothing has, what looks alike. Short words count where there are no others. Fewer are the first of more.
     */
    find: (query: string, first: number): Instrument[] => {
      indexSome(waiting.size);
      const text = folded(query).trim();
      const found = new Set<Listed>();
      const add = (more: readonly Listed[]): void => {
        for (const one of more) if (found.size < first) found.add(one);
      };
      add(ofSymbol(symbolOf(text), first));
      add(range(names, text, ({ name }) => name, first));
      const words = wordsOf(text);
      const pieces = words.filter((word) => word.length >= MIN_PIECE);
      const meant = pieces.filter((word) => !LEGAL_FORMS.has(word));
      if (found.size < first) add(ofAll(pieces, vocabulary.having, first));
      if (found.size < first && pieces.length === 0) add(ofAll(words, vocabulary.being, first));
      if (found.size < first && meant.length < pieces.length) add(ofAll(meant, vocabulary.having, first));
      if (found.size === 0) add(ofAll(meant, vocabulary.like, first));
      return [...found].map(({ instrument }) => instrument);
    },
  };

  /** True where there are more: many take longer than others should have to wait. */
  function indexSome(most: number): boolean {
    for (const [symbol, instrument] of waiting.entries().take(most)) {
      waiting.delete(symbol);
      index(instrument);
    }
    return waiting.size > 0;
  }

  function index(instrument: Instrument): void {
    const before = listed.get(instrument.symbol);
    const name = folded(instrument.name);
    if (before !== undefined && before.name === name) {
      before.instrument = instrument;
      return;
    }
    if (before !== undefined) remove(before);
    const added = { instrument, symbol: instrument.symbol, name, words: wordsOf(name) };
    listed.set(added.symbol, added);
    insert((symbols[added.symbol.length] ??= []), added, bySymbol);
    insert(names, added, byName);
    for (const word of added.words) vocabulary.add(word, added);
  }

  function remove(gone: Listed): void {
    const asLong = symbols[gone.symbol.length] ?? [];
    asLong.splice(place(asLong, gone, bySymbol), 1);
    names.splice(place(names, gone, byName), 1);
    for (const word of gone.words) vocabulary.remove(word, gone);
  }

  /** The symbol itself, then the shorter ones that begin so. */
  function ofSymbol(text: string, first: number): Listed[] {
    const found: Listed[] = [];
    for (let length = text.length; length < symbols.length && found.length < first; length += 1) {
      found.push(...range(symbols[length] ?? [], text, ({ symbol }) => symbol, first));
    }
    return found;
  }

  /** Those that every word finds, the best first. */
  function ofAll(words: readonly string[], look: (word: string) => Map<Listed, number>, first: number): Listed[] {
    const [fewest = new Map<Listed, number>(), ...others] = words.map(look).toSorted((a, b) => a.size - b.size);
    const top: Ranked[] = [];
    for (const [one, rank] of fewest) {
      if (!others.every((other) => other.has(one))) continue;
      const ranked = { one, rank: others.reduce((sum, of) => sum + (of.get(one) ?? 0), rank) };
      const last = top.at(-1);
      if (last !== undefined && top.length === first && byRank(last, ranked) <= 0) continue;
      top.splice(
        lowerBound(top.length, (at) => byRank(top[at] ?? ranked, ranked) < 0),
        0,
        ranked,
      );
      if (top.length > first) top.pop();
    }
    return top.map(({ one }) => one);
  }
}

interface Listed {
  instrument: Instrument;
  readonly symbol: string;
  readonly name: string;
  readonly words: readonly string[];
}

interface Word {
  readonly text: string;
  readonly trigrams: number;
  readonly listed: Set<Listed>;
}

/** The words of all names, by their trigrams. */
function createVocabulary() {
  const words = new Map<string, Word>();
  const byTrigram = new Map<string, Set<Word>>();

  return {
    add(text: string, listed: Listed): void {
      let word = words.get(text);
      if (word === undefined) {
        const trigrams = trigramsOf(text);
        words.set(text, (word = { text, trigrams: trigrams.length, listed: new Set() }));
        for (const trigram of trigrams) {
          const having = byTrigram.get(trigram) ?? new Set();
          byTrigram.set(trigram, having.add(word));
        }
      }
      word.listed.add(listed);
    },

    remove(text: string, listed: Listed): void {
      const word = words.get(text);
      word?.listed.delete(listed);
      if (word === undefined || word.listed.size > 0) return;
      words.delete(text);
      for (const trigram of trigramsOf(text)) byTrigram.get(trigram)?.delete(word);
    },

    /** Who has this very word. */
    being: (text: string): Map<Listed, number> => {
      const found = new Map<Listed, number>();
      const word = words.get(text);
      if (word !== undefined) mark(found, word, 2);
      return found;
    },

    /** Who has a word with this piece in it: 2 where one begins so, 1 else. */
    having: (piece: string): Map<Listed, number> => {
      const found = new Map<Listed, number>();
      for (const word of rarest(piece)) {
        if (word.text.startsWith(piece)) mark(found, word, 2);
        else if (word.text.includes(piece)) mark(found, word, 1);
      }
      return found;
    },

    /** Who has a word that looks like this one, and how much, from 0 to 1. */
    like: (text: string): Map<Listed, number> => {
      const trigrams = trigramsOf(text);
      const common = new Map<Word, number>();
      for (const trigram of trigrams) {
        for (const word of byTrigram.get(trigram) ?? none) common.set(word, (common.get(word) ?? 0) + 1);
      }
      const found = new Map<Listed, number>();
      for (const [word, both] of common) {
        if (both / (trigrams.length + word.trigrams - both) < ALIKE) continue;
        mark(found, word, 1 - mistakesBetween(text, word.text) / Math.max(text.length, word.text.length));
      }
      return found;
    },
  };

  /** The words with the trigram of the piece that the fewest have. */
  function rarest(piece: string): ReadonlySet<Word> {
    let least: ReadonlySet<Word> | undefined;
    for (let at = 0; at + 3 <= piece.length; at += 1) {
      const having = byTrigram.get(piece.slice(at, at + 3)) ?? none;
      if (least === undefined || having.size < least.size) least = having;
    }
    return least ?? none;
  }
}

const none: ReadonlySet<Word> = new Set();

function mark(found: Map<Listed, number>, { listed }: Word, rank: number): void {
  for (const one of listed) if ((found.get(one) ?? 0) < rank) found.set(one, rank);
}

interface Ranked {
  readonly one: Listed;
  readonly rank: number;
}

/** The higher rank first, then the shorter name: more of it is what was asked for. */
function byRank(a: Ranked, b: Ranked): number {
  return b.rank - a.rank || a.one.name.length - b.one.name.length || bySymbol(a.one, b.one);
}

/** As PostgreSQL has them: two blanks before a word and one behind it. */
function trigramsOf(word: string): string[] {
  const padded = `  ${word} `;
  return [...new Set(Array.from({ length: padded.length - 2 }, (_, at) => padded.slice(at, at + 3)))];
}

/** Small letters without their accents. */
function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

/** As symbols are written here: `brk.b` is BRK-B. */
function symbolOf(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '-');
}

function wordsOf(text: string): string[] {
  return [...new Set(text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== ''))];
}

function bySymbol(a: Listed, b: Listed): number {
  return a.symbol < b.symbol ? -1 : Number(a.symbol > b.symbol);
}

/** Letters too many, too few, wrong, or changed with their neighbour: the optimal string alignment distance. */
function mistakesBetween(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const changed = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const [left, above, across] = [row[j - 1] ?? 0, last[j] ?? 0, last[j - 1] ?? 0];
      const least = Math.min(left + 1, above + 1, across + (isSame ? 0 : 1));
      row.push(changed ? Math.min(least, (before[j - 2] ?? 0) + 1) : least);
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

function byName(a: Listed, b: Listed): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return bySymbol(a, b);
}

function place(all: readonly Listed[], one: Listed, order: (a: Listed, b: Listed) => number): number {
  return lowerBound(all.length, (at) => order(all[at] ?? one, one) < 0);
}

function insert(all: Listed[], one: Listed, order: (a: Listed, b: Listed) => number): void {
  all.splice(place(all, one, order), 0, one);
}

/** Those that begin so, in their order. */
function range(all: readonly Listed[], prefix: string, keyOf: (one: Listed) => string, first: number): Listed[] {
  if (prefix === '') return [];
  const from = lowerBound(all.length, (at) => keyAt(at) < prefix);
  const found: Listed[] = [];
  for (let at = from; at < all.length && found.length < first && keyAt(at).startsWith(prefix); at += 1) {
    const one = all[at];
    if (one !== undefined) found.push(one);
  }
  return found;

  function keyAt(at: number): string {
    const one = all[at];
    return one === undefined ? '' : keyOf(one);
  }
}

/** The first place for which it no longer holds. */
function lowerBound(length: number, holds: (at: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
