import { hash } from '../src/domain/deterministic-math.ts';
import { DEFAULT_LIMITS, type Instrument } from '../src/domain/instrument.ts';

const first = ['Northern', 'Pacific', 'Granite', 'Silver', 'United', 'Blue', 'Summit', 'Golden', 'Eastern', 'Prime'];
const second = ['River', 'Harbor', 'Mountain', 'Valley', 'Coast', 'Prairie', 'Forest', 'Lake', 'Island', 'Canyon'];
const third = ['Energy', 'Motors', 'Pharma', 'Software', 'Foods', 'Capital', 'Steel', 'Airlines', 'Media', 'Robotics'];
const last = ['Corp', 'Holdings', 'Group', 'Industries', 'Partners', 'Trust', 'Labs', 'Works', 'International', 'Co'];
const sectors = ['Technology', 'Energy', 'Financials', 'Health Care', 'Industrials', 'Utilities'];
const LETTERS = 26;

/** So many companies that do not exist, always the same ones; each passes the validator. */
export function madeUpInstruments(count: number): Instrument[] {
  return Array.from({ length: count }, (_, index) => {
    const pick = (words: readonly string[], kind: number) => words[hash(kind, index) % words.length] ?? '';
    return {
      symbol: `Z${lettersOf(index)}`,
      name: `${pick(first, 1)} ${pick(second, 2)} ${pick(third, 3)} ${pick(last, 4)} ${index}`,
      exchange: index % 2 === 0 ? 'NYSE' : 'NASDAQ',
      sector: pick(sectors, 5),
      type: 'equity',
      currency: 'USD',
      tick: 10_000n,
      tickBelowOne: 100n,
      lot: 1n,
      fractionable: true,
      tradable: true,
      halt: undefined,
      basePrice: BigInt(1 + (hash(6, index) % 500)) * 1_000_000n,
      ...DEFAULT_LIMITS,
      version: 1n,
      volatilityPpm: 300_000,
      dailyVolume: 1_000_000,
    };
  });
}

function lettersOf(index: number): string {
  let text = '';
  for (let rest = index, i = 0; i < 4; i += 1, rest = Math.floor(rest / LETTERS)) {
    text = String.fromCharCode(65 + (rest % LETTERS)) + text;
  }
  return text;
}
