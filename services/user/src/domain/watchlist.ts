export interface Watchlist {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** In the user's order. */
  readonly symbols: readonly string[];
  readonly version: bigint;
}

export const MAX_WATCHLISTS = 50;
export const MAX_SYMBOLS = 200;
const MAX_NAME = 60;

export interface WatchlistChange {
  readonly name?: string;
  readonly symbols?: readonly string[];
}

export type WatchlistRefusal =
  | 'too_many_watchlists'
  | 'version_conflict'
  | 'name_invalid'
  | 'too_many_symbols'
  | 'symbol_invalid'
  | 'symbol_repeated'
  | 'name_taken'
  | 'order_incomplete';

type Outcome<T> = T | { refused: WatchlistRefusal };

/** `others` are all lists that the user has already. */
export function newWatchlist(
  made: Pick<Watchlist, 'id' | 'userId' | 'name' | 'symbols'>,
  others: readonly Watchlist[],
): Outcome<Watchlist> {
  if (others.length >= MAX_WATCHLISTS) return { refused: 'too_many_watchlists' };
  const refused = refusalOf(made, others);
  return refused === undefined ? { ...made, version: 1n } : { refused };
}

/** The very same list where nothing changes. */
export function changeWatchlist(
  current: Watchlist,
  change: WatchlistChange,
  others: readonly Watchlist[],
  expectedVersion: bigint | undefined,
): Outcome<Watchlist> {
  if (expectedVersion !== undefined && expectedVersion !== current.version) return { refused: 'version_conflict' };
  const refused = refusalOf({ ...current, ...change }, others);
  if (refused !== undefined) return { refused };
  const { name = current.name, symbols = current.symbols } = change;
  if (name === current.name && symbols.join() === current.symbols.join()) return current;
  return { ...current, name, symbols, version: current.version + 1n };
}

/** Every list is named once: who orders from an old view would lose a list otherwise. */
export function inOrder(lists: readonly Watchlist[], ids: readonly string[]): Outcome<readonly Watchlist[]> {
  const byId = new Map(lists.map((list) => [list.id, list]));
  const ordered = ids.map((id) => byId.get(id)).filter((list) => list !== undefined);
  if (new Set(ids).size !== ids.length || ordered.length !== ids.length || ids.length !== lists.length) {
    return { refused: 'order_incomplete' };
  }
  return ordered;
}

function refusalOf(
  { name, symbols }: Pick<Watchlist, 'name' | 'symbols'>,
  others: readonly Watchlist[],
): WatchlistRefusal | undefined {
  if (!isName(name)) return 'name_invalid';
  if (symbols.length > MAX_SYMBOLS) return 'too_many_symbols';
  if (!symbols.every(isSymbol)) return 'symbol_invalid';
  if (new Set(symbols).size !== symbols.length) return 'symbol_repeated';
  if (others.some((other) => other.name.toLowerCase() === name.toLowerCase())) return 'name_taken';
  return undefined;
}

function isName(name: string): boolean {
  return name.trim() === name && name !== '' && Array.from(name).length <= MAX_NAME && !/[\p{Cc}\p{Cs}]/u.test(name);
}

function isSymbol(symbol: string): boolean {
  return /^[A-Z0-9][A-Z0-9.-]{0,19}$/.test(symbol);
}
