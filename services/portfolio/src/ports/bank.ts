import type { Funding } from '../domain/funding.ts';

/**
 * Where money comes from and goes to. Told about the same funding again it does nothing twice and answers as before: its id is the
 * key. A bank that throws has not answered, which is not a no: it is asked again.
 */
export interface Bank {
  send(funding: Funding): Promise<BankAnswer>;
}

export type BankAnswer =
  | { readonly outcome: 'settled' }
  | { readonly outcome: 'returned' | 'failed'; readonly reason: string };

/** Says yes to everything at once. */
export const instantBank: Bank = {
  send: async () => ({ outcome: 'settled' }),
};
