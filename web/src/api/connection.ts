import { sessionState } from './session.ts';

/**
 * Whoever had lost the gateway and hears it again says so here: what could not be read meanwhile is read then, and not when
 * somebody presses a button.
 */
const listeners = new Set<() => void>();

export function connectionIsBack(): void {
  for (const listener of listeners) listener();
}

export function onConnectionBack(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

if (typeof window !== 'undefined') window.addEventListener('online', connectionIsBack);

export interface Pace {
  firstMs: number;
  longestMs: number;
  random: () => number;
}

const usual: Pace = { firstMs: 2000, longestMs: 30_000, random: Math.random };

/**
 * Asks again by itself: soon at first, then seldom, and at once when the connection is back. What nobody looks at waits, and so does
 * what nobody would be answered.
 */
export function keepTrying(again: () => void, { firstMs, longestMs, random }: Pace = usual): () => void {
  let waitMs = firstMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const plan = (): void => {
    timer = setTimeout(
      () => {
        waitMs = Math.min(longestMs, waitMs * 2);
        plan();
        if (document.visibilityState === 'visible' && sessionState() !== 'signedOut') again();
      },
      waitMs * (0.5 + random() / 2),
    );
  };
  plan();
  const leave = onConnectionBack(again);
  return () => {
    clearTimeout(timer);
    leave();
  };
}
