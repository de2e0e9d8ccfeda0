import { readFileSync } from 'node:fs';
import type { Instrument } from '../../src/domain/instrument.ts';
import { readInstrumentsFile } from '../../src/domain/instruments-file.ts';
import { simulatedSymbol } from '../../src/ports/simulated.ts';

/** What is shipped, as the service reads it. */
export function shippedInstruments(): readonly Instrument[] {
  const read = readInstrumentsFile(readFileSync(new URL('../../data/instruments.csv', import.meta.url), 'utf8'));
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.instruments;
}

export const shippedSymbols = () => shippedInstruments().map(simulatedSymbol);

export function symbolOf(name: string) {
  const found = shippedSymbols().find(({ symbol }) => symbol === name);
  if (found === undefined) throw new Error(`${name} is not shipped`);
  return found;
}
