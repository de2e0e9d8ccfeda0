const SYMBOL = /^[A-Z][A-Z0-9-]{0,15}$/;

/** What somebody typed, or an address holds, as a symbol; undefined where it cannot be one, and nobody need be asked about it. */
export function symbolIn(text: string | undefined): string | undefined {
  const symbol = text?.trim().toUpperCase() ?? '';
  return SYMBOL.test(symbol) ? symbol : undefined;
}
