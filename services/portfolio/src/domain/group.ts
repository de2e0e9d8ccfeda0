import { add, type Micros, max, type Quantity, slice, subtract, toQuantity, ZERO } from '@andvari/money';
import type { Reservation } from './reservation.ts';

export const groupTypes = ['bracket', 'oco', 'oto'] as const;
export type GroupType = (typeof groupTypes)[number];

/**
 * Which of the orders that are placed together this is. The first of a bracket and of an oto is the entry; all others are exits, and so are
 * both of an oco. An order that is to take a leg's place is that leg as well.
 */
export type Membership = { readonly id: string; readonly type: GroupType; readonly leg: number };

export type Grouped = {
  readonly reservation: Reservation;
  /** The order whose place it was to take. */
  readonly replaces: string | undefined;
  readonly group: Membership;
};

export const LEGS: Record<GroupType, number> = { bracket: 3, oco: 2, oto: 2 };

export function isExit({ type, leg }: Pick<Membership, 'type' | 'leg'>): boolean {
  return type === 'oco' || leg > 0;
}

/**
 * How much the exits may still trade between them. One that sells protects what its entry has bought; one that buys may have to buy back
 * all that was asked for, until the entry is over. What any of them has traded counts for all: the engine shrinks the other in the same step,
 * so nothing that it says of a leg's open quantity is needed here, and it does not matter which of two legs' reports comes first.
 */
export function openQuantity(members: readonly Grouped[]): Quantity {
  const exits = members.filter(({ group }) => isExit(group));
  const traded = exits.reduce((total, { reservation }) => total + reservation.filled - reservation.carried, 0n);
  const left = coveredQuantity(exits, entriesOf(members)) - traded;
  return toQuantity(left > 0n ? left : 0n);
}

/** Whether the entry may still trade: then its exits may yet be given more to protect. */
export function openEntry(members: readonly Grouped[]): string | undefined {
  return entriesOf(members).find(({ reservation }) => reservation.state === 'open')?.reservation.orderId;
}

/**
 * The exits with what each of them holds now, as far as that changes, and what they give back between them: less than nothing where an entry has
 * bought more for them to protect. Whichever of them trades needs its own principal, so the largest is enough for all; fees are each order's own.
 * A leg holds what it needs beyond the legs before it.
 */
export function shareHold(members: readonly Grouped[]): { changed: Reservation[]; freed: Micros } {
  const open = openQuantity(members);
  const changed: Reservation[] = [];
  let [reached, freed] = [ZERO, ZERO];
  for (const { group, reservation } of members) {
    if (!isExit(group)) continue;
    const works = reservation.state === 'open' && open > 0n;
    const principal = works ? slice(reservation.principal, 0n, open, reservation.qty) : ZERO;
    const fees = works ? max(subtract(reservation.feeCap, reservation.feePaid), ZERO) : ZERO;
    const remaining = add(max(subtract(principal, reached), ZERO), fees);
    reached = max(reached, principal);
    freed = add(freed, subtract(reservation.remaining, remaining));
    if (remaining !== reservation.remaining) changed.push({ ...reservation, remaining });
  }
  return { changed, freed };
}

/** The members as they are with some of their reservations changed. */
export function withChanged(members: readonly Grouped[], changed: readonly Reservation[]): Grouped[] {
  const byId = new Map(changed.map((reservation) => [reservation.orderId, reservation]));
  return members.map((member) => ({
    ...member,
    reservation: byId.get(member.reservation.orderId) ?? member.reservation,
  }));
}

function entriesOf(members: readonly Grouped[]): Grouped[] {
  return members.filter(({ group }) => !isExit(group));
}

function coveredQuantity(exits: readonly Grouped[], entries: readonly Grouped[]): bigint {
  const first = exits.find(({ replaces }) => replaces === undefined);
  const asked = first?.reservation.qty ?? 0n;
  if (entries.length === 0) return asked;
  // What an entry has filled goes over to the order that takes its place.
  const entered = entries.reduce<bigint>(
    (most, { reservation }) => (reservation.filled > most ? reservation.filled : most),
    0n,
  );
  const isOver = entries.every(({ reservation }) => reservation.state === 'closed');
  return first?.reservation.side === 'sell' || isOver ? entered : asked;
}

/** Legs as they are asked for; which of them is at fault is left to who placed them. */
export function isWhole(type: GroupType, legs: readonly Pick<Reservation, 'side' | 'qty'>[]): boolean {
  const [first] = legs;
  if (first === undefined || legs.length !== LEGS[type]) return false;
  const exits = type === 'oco' ? legs : legs.slice(1);
  return exits.every(({ side, qty }) => qty === first.qty && (side === first.side) === (type === 'oco'));
}
