import { add, type Micros, type Price, type Quantity, ZERO } from '@andvari/money';
import type { AccountKind } from './account.ts';
import type { Asset, Currency } from './asset.ts';
import { type Balance, Balances, ledgerKey, type PostedEntry } from './balances.ts';
import { across, type Ledger } from './journal.ts';
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

/** Every ledger account that their past touches: their own, and those that everybody shares. */
export function ledgersTouched(
  accounts: readonly ImportedAccount[],
  houseId: string,
): { own: Ledger[]; shared: Ledger[] } {
  const own: Ledger[] = [];
  const shared = new Map<string, Ledger>();
  for (const { id, currency, orders } of accounts) {
    const others: Ledger[] = [across('bank', id, currency)];
    for (const asset of [currency, ...new Set(orders.map(({ symbol }) => symbol))]) {
      own.push({ of: 'account', accountId: id, asset });
      others.push({ of: 'account', accountId: houseId, asset });
      others.push(across('clearing', id, asset), across('clearing', houseId, asset));
    }
    for (const ledger of others) shared.set(ledgerKey(ledger), ledger);
  }
  return { own, shared: [...shared.values()] };
}

/**
 * Balances to book a past on before those that everybody shares are locked: in their place stand some that begin at nothing, so that nobody
 * waits while it is worked out. `settleShared` puts them right.
 */
export function withPlaceholders(
  own: Balances,
  { own: ownLedgers, shared }: { own: readonly Ledger[]; shared: readonly Ledger[] },
  newId: () => string,
): { balances: Balances; placeholders: ReadonlyMap<bigint, Ledger> } {
  const rows = new Map<string, Balance>();
  for (const ledger of ownLedgers) {
    const row = own.find(ledger);
    if (row !== undefined) rows.set(ledgerKey(ledger), row);
  }
  const placeholders = new Map<bigint, Ledger>();
  for (const [index, ledger] of shared.entries()) {
    const id = -1n - BigInt(index);
    placeholders.set(id, ledger);
    rows.set(ledgerKey(ledger), { id, posted: ZERO, reserved: ZERO, version: 0n, mayGoNegative: true });
  }
  return { balances: new Balances(rows, newId), placeholders };
}

/** What is to be written of balances and entries once the shared ones are locked: each entry goes on from where its own then stands. */
export function settleShared(
  { entries, changed }: Balances,
  placeholders: ReadonlyMap<bigint, Ledger>,
  locked: Balances,
): { entries: PostedEntry[]; changed: Set<Balance> } {
  const settled = new Set([...changed].filter(({ id }) => !placeholders.has(id)));
  const moved = entries.map((entry): PostedEntry => {
    const ledger = placeholders.get(entry.ledgerAccountId);
    if (ledger === undefined) return entry;
    const balance: Balance | undefined = locked.find(ledger);
    if (balance === undefined) throw new Error(`no ledger account is locked for ${ledgerKey(ledger)}`);
    balance.posted = add(balance.posted, entry.amount);
    balance.version += 1n;
    settled.add(balance);
    return { ...entry, ledgerAccountId: balance.id, balanceAfter: balance.posted, version: balance.version };
  });
  return { entries: moved, changed: settled };
}
