const KEY = 'andvari.recent';
const MOST = 6;

export interface Recent {
  symbol: string;
  name: string;
}

/** What one looked at last: where "Trade" leads, and what the palette shows before anything is typed. */
export function recentSymbols(): Recent[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(value) ? value.filter(isRecent) : [];
  } catch {
    return [];
  }
}

export function rememberSymbol(recent: Recent): void {
  const others = recentSymbols().filter(({ symbol }) => symbol !== recent.symbol);
  localStorage.setItem(KEY, JSON.stringify([recent, ...others].slice(0, MOST)));
}

/** The trade page of the last one; without one, of what there is to begin with. */
export function tradePath(): string {
  const [last] = recentSymbols();
  return last === undefined ? '/trade' : `/trade/${encodeURIComponent(last.symbol)}`;
}

function isRecent(value: unknown): value is Recent {
  const { symbol, name } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof symbol === 'string' && typeof name === 'string';
}
