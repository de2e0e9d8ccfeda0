import { type Asset, type Currency, isCurrency } from './asset.ts';

/** What an account is and what may be done with it. */

export type AccountKind = 'savings' | 'chequing' | 'investment';
export type AccountStatus = 'active' | 'restricted' | 'closed';
export type AccountAction =
  | 'trade'
  | 'deposit'
  | 'withdraw'
  | 'transfer_in'
  | 'transfer_out'
  | 'rename'
  | 'restrict'
  | 'reinstate'
  | 'close';

export type Account = {
  readonly id: string;
  readonly userId: string;
  readonly kind: AccountKind;
  readonly currency: Currency;
  readonly status: AccountStatus;
};

/** The account as its owner sees it. */
export type OpenedAccount = Account & {
  /** For display; never a key. */
  readonly number: string;
  readonly name: string;
  readonly openedAtUs: bigint;
  readonly closedAtUs: bigint | undefined;
  readonly cashPosted: bigint;
  readonly cashReserved: bigint;
};

export type AccountRefusal =
  | 'account_not_found'
  | 'account_closed'
  | 'account_restricted'
  | 'account_already_active'
  | 'account_kind_cannot_trade'
  | 'wrong_currency'
  | 'account_not_empty'
  | 'account_has_open_orders'
  | 'account_has_funding_in_flight';

/** Someone else's account is not told apart from one that does not exist. */
export function refuseCaller(account: Account | undefined, userId: string): AccountRefusal | undefined {
  if (account === undefined || account.userId !== userId) return 'account_not_found';
  return undefined;
}

export function refuseAction(
  account: Pick<Account, 'status' | 'kind'>,
  action: AccountAction,
): AccountRefusal | undefined {
  const refusal = RULES[account.status][action];
  if (refusal !== undefined) return refusal;
  if (action === 'trade' && !TRADES[account.kind]) return 'account_kind_cannot_trade';
  return undefined;
}

/** Who may trade, by the same rule, for the statement that reserves for many orders at once. */
export function tradingAccounts(): { statuses: AccountStatus[]; kinds: AccountKind[] } {
  return {
    statuses: (Object.keys(RULES) as AccountStatus[]).filter((status) => RULES[status].trade === undefined),
    kinds: (Object.keys(TRADES) as AccountKind[]).filter((kind) => TRADES[kind]),
  };
}

export function refuseCurrency(account: Account, currency: Currency): AccountRefusal | undefined {
  return account.currency === currency ? undefined : 'wrong_currency';
}

/** An account's money is of its one currency, and only an investment account holds shares. */
export function refuseAsset(account: Account, asset: Asset): AccountRefusal | undefined {
  if (isCurrency(asset)) return refuseCurrency(account, asset);
  return TRADES[account.kind] ? undefined : 'account_kind_cannot_trade';
}

/** Whatever is left in an account would be out of reach once it is closed. */
export type Contents = { readonly reserved: bigint; readonly posted: bigint; readonly fundingInFlight: boolean };

export function refuseClosing(account: Account, contents: readonly Contents[]): AccountRefusal | undefined {
  const refusal = refuseAction(account, 'close');
  if (refusal !== undefined) return refusal;
  if (contents.some(({ fundingInFlight }) => fundingInFlight)) return 'account_has_funding_in_flight';
  if (contents.some(({ reserved }) => reserved !== 0n)) return 'account_has_open_orders';
  if (contents.some(({ posted }) => posted !== 0n)) return 'account_not_empty';
  return undefined;
}

/** Ten digits for people to read out, the last one a check digit, so that a slip of one digit or a swap is noticed. */
export function accountNumber(sequence: number): string {
  const digits = sequence.toString().padStart(9, '0');
  return digits + checkDigit(digits);
}

export function isAccountNumber(text: string): boolean {
  return /^[0-9]{10,}$/.test(text) && checkDigit(text.slice(0, -1)) === text.slice(-1);
}

const TRADES: Record<AccountKind, boolean> = { savings: false, chequing: false, investment: true };

const RULES: Record<AccountStatus, Record<AccountAction, AccountRefusal | undefined>> = {
  active: {
    trade: undefined,
    deposit: undefined,
    withdraw: undefined,
    transfer_in: undefined,
    transfer_out: undefined,
    rename: undefined,
    restrict: undefined,
    reinstate: 'account_already_active',
    close: undefined,
  },
  restricted: {
    trade: 'account_restricted',
    deposit: undefined,
    withdraw: 'account_restricted',
    transfer_in: undefined,
    transfer_out: 'account_restricted',
    rename: undefined,
    restrict: 'account_restricted',
    reinstate: undefined,
    close: 'account_restricted',
  },
  closed: {
    trade: 'account_closed',
    deposit: 'account_closed',
    withdraw: 'account_closed',
    transfer_in: 'account_closed',
    transfer_out: 'account_closed',
    rename: 'account_closed',
    restrict: 'account_closed',
    reinstate: 'account_closed',
    close: 'account_closed',
  },
};

/** Luhn. */
function checkDigit(digits: string): string {
  const total = Array.from(digits, Number)
    .toReversed()
    .map((digit, place) => (place % 2 === 0 ? digit * 2 : digit))
    .reduce((sum, digit) => sum + (digit > 9 ? digit - 9 : digit), 0);
  return String((10 - (total % 10)) % 10);
}
