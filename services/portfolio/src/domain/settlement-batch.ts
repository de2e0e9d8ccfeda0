import type { Currency } from './asset.ts';
import type { FeeSchedule } from './fee-schedule.ts';
import type { Grouped, Membership } from './group.ts';
import type { JournalKind } from './journal.ts';
import type { Closing, Lot } from './lots.ts';
import type { Position } from './position.ts';
import type { Reservation, Side } from './reservation.ts';
import type { Fill, Settlement, Terms } from './settlement.ts';

/**
 * What a batch of reports works on besides the balances: reservations, positions and lots as they are read, then as the reports
 * change them, and what is to be written. It is read under the locks of the ledger accounts that all of it hangs on.
 */
export class SettlementBatch {
  readonly reservations: Map<string, Held>;
  readonly positions: Map<string, PositionRecord>;
  readonly openLots: Map<string, Lot[]>;
  readonly changedReservations = new Set<string>();
  readonly changedPositions = new Set<string>();
  readonly newLots = new Map<string, LotRecord>();
  readonly changedLots = new Map<string, LotRecord>();
  readonly closings: ClosingRecord[] = [];
  readonly activities: ActivityRecord[] = [];
  readonly newFills: { readonly fill: Fill; readonly journalId: string }[] = [];
  readonly #settled: Map<string, string>;

  constructor(
    reservations: Map<string, Held>,
    positions: Map<string, PositionRecord>,
    openLots: Map<string, Lot[]>,
    settled: Map<string, string>,
  ) {
    this.reservations = reservations;
    this.positions = positions;
    this.openLots = openLots;
    this.#settled = settled;
  }

  /** The digest of the fill that was settled under this id; undefined when none was. */
  digestOf(execId: string): string | undefined {
    return this.#settled.get(execId);
  }

  reservation(orderId: string): Held | undefined {
    return this.reservations.get(orderId);
  }

  position(fill: Holding): Position | undefined {
    return this.positions.get(holdingKey(fill))?.position;
  }

  lots(fill: Holding): readonly Lot[] {
    return this.openLots.get(holdingKey(fill)) ?? [];
  }

  /** All orders of an order's group, itself among them; undefined where it is in none. */
  groupOf(orderId: string): readonly Grouped[] | undefined {
    const id = this.reservations.get(orderId)?.group?.id;
    if (id === undefined) return undefined;
    const members = [...this.reservations.values()].filter(isGrouped).filter(({ group }) => group.id === id);
    return members.toSorted((one, other) => one.group.leg - other.group.leg);
  }

  changed(reservation: Reservation): void {
    const held = this.reservations.get(reservation.orderId);
    if (held === undefined) throw new Error(`order ${reservation.orderId} has no reservation here`);
    held.reservation = reservation;
    this.changedReservations.add(reservation.orderId);
  }

  /** Notes that a fill is in, and for a client's all it changed. */
  settled(fill: Fill, journalId: string, booked?: Booked): void {
    this.#settled.set(fill.execId, fill.digest);
    this.newFills.push({ fill, journalId });
    if (booked === undefined) return;
    const { settlement } = booked;
    for (const reservation of [settlement.reservation, ...settlement.siblings]) this.changed(reservation);
    this.moved(fill, settlement);
    for (const { id, kind } of booked.posted)
      this.activities.push({ fill, settlement, journalId: id, kind, currency: booked.currency });
  }

  /** Shares came, as a lot of their own, or went, out of the lots there were. */
  moved(movement: Movement, holding: MovedHolding): void {
    const { accountId, symbol, at } = movement;
    const key = holdingKey(movement);
    this.positions.set(key, { accountId, symbol, position: holding.position, at });
    this.changedPositions.add(key);
    this.#setLots(key, movement, holding);
    for (const closing of holding.closings) this.closings.push({ movement, closing });
  }

  #setLots(key: string, { accountId, symbol, at }: Movement, { lots, closings }: MovedHolding): void {
    const open = this.openLots.get(key) ?? [];
    const isNew = closings.length === 0;
    for (const [index, lot] of lots.entries()) {
      const records = isNew || this.newLots.has(lot.id) ? this.newLots : this.changedLots;
      const proceeds = (records.get(lot.id)?.proceeds ?? 0n) + (closings[index]?.proceeds ?? 0n);
      records.set(lot.id, { lot, proceeds, accountId, symbol, at });
      if (isNew) open.push(lot);
      else open[open.findIndex(({ id }) => id === lot.id)] = lot;
    }
    const spent = open.findIndex(({ remaining }) => remaining > 0n);
    this.openLots.set(key, spent === 0 ? open : open.slice(spent === -1 ? open.length : spent));
  }
}

export type Held = {
  reservation: Reservation;
  readonly schedule: FeeSchedule;
  readonly terms: Terms;
  /** The order whose place it was to take. */
  readonly replaces: string | undefined;
  /** Where it is one of orders that were placed together. */
  readonly group: Membership | undefined;
};

/** What is asked for under an order's id. */
export type AskedOrder = Omit<Terms, 'limit'> & {
  readonly side: Side;
  readonly limit?: bigint | undefined;
  readonly replaces?: string | undefined;
};

/** An id that is taken may be asked for again by the same order alone. `reserve_orders` says it of orders that come alone, in SQL. */
export function isSameOrder({ terms, reservation, replaces }: Held, asked: AskedOrder): boolean {
  return (
    terms.accountId === asked.accountId &&
    terms.symbol === asked.symbol &&
    terms.qty === asked.qty &&
    terms.principal === asked.principal &&
    terms.limit === asked.limit &&
    reservation.side === asked.side &&
    replaces === asked.replaces
  );
}

export type PositionRecord = { accountId: string; symbol: string; position: Position; at: bigint };
export type LotRecord = { lot: Lot; proceeds: bigint; accountId: string; symbol: string; at: bigint };
export type ClosingRecord = { movement: Movement; closing: Closing };
export type ActivityRecord = {
  fill: Fill;
  settlement: Settlement;
  journalId: string;
  kind: JournalKind;
  currency: Currency;
};
type Booked = {
  readonly settlement: Settlement;
  readonly posted: readonly { readonly id: string; readonly kind: JournalKind }[];
  readonly currency: Currency;
};

/** What is held of one symbol once shares have come or gone. */
export type MovedHolding = Pick<Settlement, 'position' | 'lots' | 'closings'>;

/** What made them come or go: an execution, or an adjustment by its id. */
export type Movement = Pick<Fill, 'execId' | 'accountId' | 'symbol' | 'at'>;

export type Holding = { readonly accountId: string; readonly symbol: string };

export function holdingKey({ accountId, symbol }: Holding): string {
  return `${accountId}/${symbol}`;
}

function isGrouped(held: Held): held is Held & { readonly group: Membership } {
  return held.group !== undefined;
}
