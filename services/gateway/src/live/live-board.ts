import type { Nats } from '@andvari/kit/nats/nats';
import { subscribeLive } from '@andvari/kit/nats/subscribe-live';
import type { Scope } from '@andvari/kit/process/scope';
import type { Watching } from './tell-watched.ts';

/** The newest value of each symbol, for any number of readers: a slow reader misses what was replaced, and nothing waits for it. */
export interface LiveBoard<T> {
  /** The newest, however old. */
  latest(symbol: string): T | undefined;
  /** Those of them that are known: the very same list for everybody who asks for the same before anything changes. */
  several(symbols: readonly string[]): readonly T[];
  /** Notes whatever changes of these symbols, until left. */
  watch(symbols: Iterable<string>, onChange: (symbol: string) => void): () => void;
  /** What was learnt another way, unless something newer is known. */
  learn(value: T): void;
  readonly watchers: number;
}

/** Lists that are kept between two changes; whoever asks for yet another gets one of their own. */
const MAX_LISTS = 1000;

export interface BoardOf<T> {
  /** `md.quote.*` */
  subject: string;
  decode: (payload: Uint8Array) => T;
  symbolOf: (value: T) => string;
  /** Of two values of one symbol the one with the higher is the newer. */
  ageOf: (value: T) => bigint;
  /** Symbols that are kept at the most: those of the market, not those that somebody makes up. */
  maxSymbols: number;
  watching: Watching;
}

export function openLiveBoard<T>(scope: Scope, nats: Nats, board: BoardOf<T>): LiveBoard<T> {
  const values = new Map<string, T>();
  const listening = new Map<string, Set<(symbol: string) => void>>();
  const lists = new Map<string, readonly T[]>();
  let watchers = 0;

  const learn = (value: T): void => {
    const symbol = board.symbolOf(value);
    const before = values.get(symbol);
    if (before !== undefined && board.ageOf(before) > board.ageOf(value)) return;
    if (before === undefined && values.size >= board.maxSymbols) return;
    values.set(symbol, value);
    lists.clear();
    const told = listening.get(symbol);
    if (told !== undefined) for (const onChange of told) onChange(symbol);
  };
  subscribeLive(scope, nats, board.subject, ({ payload }) => learn(board.decode(payload)), { maxWaiting: 10_000 });

  return {
    latest: (symbol) => values.get(symbol),
    learn,
    several(symbols) {
      const key = symbols.join(' ');
      const known = lists.get(key);
      if (known !== undefined) return known;
      const made = symbols.flatMap((symbol) => values.get(symbol) ?? []);
      if (lists.size < MAX_LISTS) lists.set(key, made);
      return made;
    },
    watch(symbols, onChange) {
      const joined = [...new Set(symbols)];
      for (const symbol of joined) {
        const told = listening.get(symbol) ?? new Set();
        told.add(onChange);
        listening.set(symbol, told);
      }
      watchers += 1;
      const leave = board.watching.join();
      return () => {
        watchers -= 1;
        leave();
        for (const symbol of joined) {
          const told = listening.get(symbol);
          told?.delete(onChange);
          if (told?.size === 0) listening.delete(symbol);
        }
      };
    },
    get watchers() {
      return watchers;
    },
  };
}
