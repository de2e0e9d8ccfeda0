import { divide, MICRO } from '@andvari/money';

export type MoversKind = 'gainers' | 'losers' | 'most_active';

export interface Moving {
  readonly last: bigint;
  readonly previousClose: bigint;
  readonly volume: bigint;
}

export interface Move<T> {
  readonly of: T;
  readonly change: bigint;
  readonly changePpm: bigint;
}

/** Against the previous close; most active by the shares traded. What did not move neither gains nor loses. */
export function movers<T extends Moving>(kind: MoversKind, all: readonly T[], first: number): Move<T>[] {
  const moves = all.filter(({ previousClose }) => previousClose > 0n).map(moveOf);
  switch (kind) {
    case 'gainers':
      return sorted(
        moves.filter(({ change }) => change > 0n),
        ({ changePpm }) => changePpm,
      ).slice(0, first);
    case 'losers':
      return sorted(
        moves.filter(({ change }) => change < 0n),
        ({ changePpm }) => -changePpm,
      ).slice(0, first);
    case 'most_active':
      return sorted(moves, ({ of }) => of.volume).slice(0, first);
  }
}

function moveOf<T extends Moving>(of: T): Move<T> {
  const change = of.last - of.previousClose;
  return { of, change, changePpm: divide(change * MICRO, of.previousClose) };
}

function sorted<T>(moves: readonly T[], by: (move: T) => bigint): T[] {
  return moves.toSorted((a, b) => (by(b) > by(a) ? 1 : by(b) < by(a) ? -1 : 0));
}
