import { useSyncExternalStore } from 'react';

/**
 * Whose page this is. What is personal is covered as soon as nobody is signed in, and until the same person is known to be here
 * again. It hides and forgets nothing: for anybody else the page has to begin anew.
 */
let person = '';
let isCovered = false;
const listeners = new Set<() => void>();

export function useIsCovered(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isCovered,
  );
}

export const cover = (): void => become(true);

/** Whether the page is this person's; where it is not, it stays covered. */
export function uncoverFor(id: string): boolean {
  if (person !== '' && person !== id) return false;
  person = id;
  become(false);
  return true;
}

function become(next: boolean): void {
  if (next === isCovered) return;
  isCovered = next;
  for (const listener of listeners) listener();
}
