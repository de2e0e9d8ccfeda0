import type { Micros, Price, Quantity } from '@andvari/money';
import type { AccountKind } from './account.ts';
import { type Asset, type Currency, isCurrency } from './asset.ts';
import { type AccountLedger, across, type Ledger } from './journal.ts';
import type { Side } from './reservation.ts';

/** An account that comes with a past: a deposit at its opening, and orders that have ended. */
export type ImportedAccount = {
  readonly id: string;
  readonly userId: string;
  readonly kind: AccountKind;
  readonly currency: Currency;
  readonly name: string;
  readonly openedAtUs: bigint;
  readonly depositId: string;
  readonly deposit: Micros;
  readonly orders: readonly ImportedOrder[];
};

/** It traded all it was for with the house, at one price, or was cancelled without having traded. */
export type ImportedOrder = {
  readonly orderId: string;
  readonly symbol: Asset;
  readonly side: Side;
  readonly qty: Quantity;
  readonly limit: Price | undefined;
  /** Money for a buy, shares for a sale. */
  readonly held: Micros;
  readonly fill: Price | undefined;
  readonly execId: string;
  readonly placedAtUs: bigint;
  readonly endedAtUs: bigint;
};

/** What things cost at a moment at which each account's worth is kept. */
export type Mark = { readonly atUs: bigint; readonly prices: ReadonlyMap<string, Price> };

/** One thing of the past of many accounts. */
export type PastStep =
  | { readonly what: 'deposit'; readonly atUs: bigint; readonly account: ImportedAccount }
  | { readonly what: 'order'; readonly atUs: bigint; readonly account: ImportedAccount; readonly order: ImportedOrder }
  | { readonly what: 'mark'; readonly atUs: bigint; readonly mark: Mark };

/** What happened to any of them, in the order in which it did: of one moment the deposit first, and what it all was worth last. */
export function stepsOf(accounts: readonly ImportedAccount[], marks: readonly Mark[]): PastStep[] {
  const steps: PastStep[] = marks.map((mark) => ({ what: 'mark', atUs: mark.atUs, mark }));
  for (const account of accounts) {
    steps.push({ what: 'deposit', atUs: account.openedAtUs, account });
    for (const order of account.orders) steps.push({ what: 'order', atUs: order.endedAtUs, account, order });
  }
  return steps.toSorted((one, other) =>
    one.atUs === other.atUs ? TURNS[one.what] - TURNS[other.what] : one.atUs < other.atUs ? -1 : 1,
  );
}

const TURNS: Record<PastStep['what'], number> = { deposit: 0, order: 1, mark: 2 };

/** What they come to hold: of currencies only their own. */
export function ledgersOpened(accounts: readonly ImportedAccount[]): AccountLedger[] {
  return accounts.flatMap(({ id: accountId, currency, orders }) => {
    const symbols = orders.map(({ symbol }) => symbol).filter((symbol) => !isCurrency(symbol));
    return [currency, ...new Set(symbols)].map((asset): AccountLedger => ({ of: 'account', accountId, asset }));
  });
}

/** What stands across from them, shared with everybody: the bank's, the house's, and what clears between. */
export function ledgersShared(accounts: readonly ImportedAccount[], houseId: string): Ledger[] {
  const shared = new Map<string, Ledger>();
  const add = (ledger: Ledger): void => {
    const key = ledger.of === 'account' ? ledger.asset : `${ledger.of}/${ledger.asset}/${ledger.shard}`;
    shared.set(key, ledger);
  };
  for (const { id, currency, orders } of accounts) {
    add(across('bank', id, currency));
    for (const asset of [currency, ...orders.map(({ symbol }) => symbol)]) {
      add({ of: 'account', accountId: houseId, asset });
      add(across('clearing', id, asset));
      add(across('clearing', houseId, asset));
    }
  }
  return [...shared.values()];
}
