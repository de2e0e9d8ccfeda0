import { toMicros } from '@andvari/money';
import { type Balance, Balances, ledgerKey } from '../src/domain/balances.ts';
import { across, type Ledger, type SystemLedger } from '../src/domain/journal.ts';

export const ANN = '00000000-0000-4000-8000-00000000000a';
export const BOB = '00000000-0000-4000-8000-00000000000b';

export const own = (accountId: string, asset = 'USD'): Ledger => ({ of: 'account', accountId, asset });

/** Balances as they would be locked: whose, posted, reserved. What stands across from clients may go below zero. */
export function balancesOf(...rows: readonly [ledger: Ledger, posted?: bigint, reserved?: bigint][]): Balances {
  const all = rows.map(([ledger, posted = 0n, reserved = 0n], index): [string, Balance] => [
    ledgerKey(ledger),
    {
      id: BigInt(index + 1),
      posted: toMicros(posted),
      reserved: toMicros(reserved),
      version: 0n,
      mayGoNegative: ledger.of !== 'account',
    },
  ]);
  let journals = 0;
  return new Balances(new Map(all), () => `journal ${++journals}`);
}

/** The system's accounts that Ann's journals of money may touch. */
export function systemOf(...all: readonly SystemLedger[]): [Ledger][] {
  return all.map((of): [Ledger] => [across(of, ANN, 'USD')]);
}

export function standing(balances: Balances, ledger: Ledger): [posted: bigint, reserved: bigint] | undefined {
  const balance = balances.find(ledger);
  return balance === undefined ? undefined : [balance.posted, balance.reserved];
}
