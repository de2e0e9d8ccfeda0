import { useSyncExternalStore } from 'react';
import type { Taste } from './taste.ts';

/** A thing that was changed here and elsewhere: until somebody has said which, neither is written over the other. */
export interface TasteConflict<Name extends keyof Taste = keyof Taste> {
  readonly yours: Taste[Name];
  readonly theirs: Taste[Name];
  readonly choose: (which: 'yours' | 'theirs') => void;
}
export type TasteConflicts = { readonly [Name in keyof Taste]?: TasteConflict<Name> };

let conflicts: TasteConflicts = {};
const listeners = new Set<() => void>();

export function setTasteConflicts(next: TasteConflicts): void {
  conflicts = next;
  for (const listener of listeners) listener();
}

export function useTasteConflicts(): TasteConflicts {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => conflicts,
  );
}
