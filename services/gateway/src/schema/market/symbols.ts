import { invalid } from '@andvari/kit/base/errors';

/** The shape of a symbol; what is asked of nobody in vain, and what may stand in a subject. */
const SYMBOL = /^[A-Z][A-Z0-9-]{0,15}$/;
export const MAX_SYMBOLS = 100;

export function symbolsFrom(field: string, symbols: readonly string[]): string[] {
  if (symbols.length > MAX_SYMBOLS) throw invalid(field, `names ${MAX_SYMBOLS} symbols at the most`);
  return symbols.map((symbol) => symbolFrom(field, symbol));
}

/** What is none is no symbol of anything: asked for among others, it would have all of them refused. */
export function isSymbol(symbol: string): boolean {
  return SYMBOL.test(symbol);
}

/** People write symbols in any case; all fields take them so. */
export function symbolFrom(field: string, given: string): string {
  const symbol = inCapitals(given);
  if (!SYMBOL.test(symbol)) throw invalid(field, `${JSON.stringify(given.slice(0, 20))} is not a symbol`);
  return symbol;
}

/** Letters of ASCII alone: elsewhere there are letters whose capitals are these, `ſ` is one, and nobody means them. */
export function inCapitals(given: string): string {
  return given.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
}
