import { useSyncExternalStore } from 'react';
import { type AuthAnswer, postAuth } from './session.ts';

/**
 * What could do much harm in a stranger's hands asks for the password once more when the last sign-in is some time ago. Whoever
 * sends such a thing waits here; the dialog that asks is the app's.
 */
let waiting: ((isConfirmed: boolean) => void)[] = [];
const listeners = new Set<() => void>();

export function confirmedAgain(): Promise<boolean> {
  return new Promise((resolve) => become([...waiting, resolve]));
}

export function useIsAsked(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting.length > 0,
  );
}

export async function confirmPassword(password: string): Promise<AuthAnswer> {
  const answer = await postAuth('confirm', { password });
  if (answer.ok) settle(true);
  return answer;
}

export const giveUp = (): void => settle(false);

function settle(isConfirmed: boolean): void {
  const all = waiting;
  become([]);
  for (const resolve of all) resolve(isConfirmed);
}

function become(next: typeof waiting): void {
  waiting = next;
  for (const listener of listeners) listener();
}
