import { type Micros, max, negate, type Quantity, ZERO } from '@andvari/money';
import { type AccountKind, type AccountStatus, refuseAction } from './account.ts';
import type { Currency } from './asset.ts';
import type { FeeSchedule } from './fee-schedule.ts';
import { type Grouped, isExit, shareHold, withChanged } from './group.ts';
import { openReservation, type Reservation, replacementHold, type Side } from './reservation.ts';
import { type Held, isSameOrder } from './settlement-batch.ts';

/** An order that is to take another's place, as it is reserved for. */
export type Replacement = {
  readonly orderId: string;
  readonly accountId: string;
  /** Whose account it must be; absent when the caller speaks for the system. */
  readonly userId?: string | undefined;
  readonly side: Side;
  readonly symbol: string;
  readonly currency?: Currency | undefined;
  readonly qty: Quantity;
  readonly principal: Micros;
  readonly limit?: bigint | undefined;
  /** The order whose place it is to take. */
  readonly replaces: string;
};

export type ReplacementFacts = {
  readonly account: ReplacementAccount | undefined;
  /** What was reserved under its own id before. */
  readonly before: Held | undefined;
  readonly old: Held | undefined;
  readonly schedule: FeeSchedule;
  /** Of what it would hold; undefined where the account has no such balance. */
  readonly available: Micros | undefined;
  /** All orders of the group that the old one is in. */
  readonly group?: readonly Grouped[] | undefined;
};

/** What is held for a replacement, and what that makes of the other exits of its group. */
export type Replaced = { readonly reservation: Reservation; readonly siblings: readonly Reservation[] };

type ReplacementAccount = {
  readonly userId: string;
  readonly status: AccountStatus;
  readonly kind: AccountKind | 'house';
  readonly currency: Currency;
};

export type ReplacementRefusal =
  | 'repeated'
  | 'closed'
  | 'mismatch'
  | 'account_not_found'
  | 'account_refused'
  | 'wrong_currency'
  | 'not_replaceable';

/** There is less than it would hold besides what is held already. */
export type Shortfall = { readonly outcome: 'insufficient'; readonly needed: Micros };

/** What a replacement holds besides the order it is to replace, or why it may not. */
export function decideReplacement(
  request: Replacement,
  facts: ReplacementFacts,
): Replaced | Shortfall | ReplacementRefusal {
  const { account, before, old, schedule, available } = facts;
  if (account === undefined || account.userId !== (request.userId ?? account.userId)) return 'account_not_found';
  if (before !== undefined) return repeatOf(request, before);
  if (account.kind === 'house' || refuseAction({ status: account.status, kind: account.kind }, 'trade') !== undefined)
    return 'account_refused';
  if (account.currency !== (request.currency ?? account.currency)) return 'wrong_currency';
  if (old === undefined || !canReplace(request, old)) return 'not_replaceable';
  const next = openReservation(request, schedule);
  if (old.group !== undefined && isExit(old.group)) return joinGroup(next, { ...old, group: old.group }, facts);
  const remaining = replacementHold(old.reservation, next);
  if (available === undefined || available < remaining) return { outcome: 'insufficient', needed: remaining };
  return { reservation: { ...next, remaining }, siblings: [] };
}

/** One that is to take an exit's place shares what the exits hold: until it does, there is enough for either. */
function joinGroup(next: Reservation, old: Grouped, { available, group = [] }: ReplacementFacts): Replaced | Shortfall {
  const replacement = { ...old, reservation: { ...next, remaining: ZERO }, replaces: old.reservation.orderId };
  const members = [...group, replacement];
  const { changed, freed } = shareHold(members);
  if (available === undefined || available + freed < 0n) {
    return { outcome: 'insufficient', needed: max(negate(freed), ZERO) };
  }
  const reservation = withChanged([replacement], changed)[0]?.reservation ?? replacement.reservation;
  return { reservation, siblings: changed.filter(({ orderId }) => orderId !== next.orderId) };
}

export function heldBefore(before: Held | undefined): Micros {
  return before?.reservation.remaining ?? ZERO;
}

/** It changes how much and at what price, nothing else. */
function canReplace(request: Replacement, { reservation, terms }: Held): boolean {
  return (
    terms.accountId === request.accountId &&
    terms.symbol === request.symbol &&
    reservation.side === request.side &&
    reservation.state === 'open' &&
    request.qty > reservation.filled
  );
}

function repeatOf(request: Replacement, before: Held): 'repeated' | 'closed' | 'mismatch' {
  if (!isSameOrder(before, request)) return 'mismatch';
  return before.reservation.state === 'open' ? 'repeated' : 'closed';
}
