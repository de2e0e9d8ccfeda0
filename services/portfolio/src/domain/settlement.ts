import {
  add,
  amount,
  MICRO,
  type Micros,
  max,
  negate,
  type Price,
  type Quantity,
  subtract,
  subtractQuantity,
  ZERO,
} from '@andvari/money';
import type { Currency } from './asset.ts';
import type { FeeSchedule } from './fee-schedule.ts';
import { type Grouped, openEntry, openQuantity, shareHold, withChanged } from './group.ts';
import { feeJournal, fillJournal, type Journal } from './journal.ts';
import { type Closing, closeLots, type Lot } from './lots.ts';
import { bought, type Position, sold } from './position.ts';
import {
  type Consumption,
  consume,
  type Reservation,
  ROUNDING_PER_FILL,
  release,
  replaceReservation,
  restate,
  type Side,
} from './reservation.ts';

/** One leg of a trade, as the engine reports it. */
export type Fill = {
  readonly execId: string;
  /** Of all that the report says: the same id with another digest is another report under a name that is taken. */
  readonly digest: string;
  /** What its two legs have in common; empty where the engine says nothing of it. */
  readonly tradeId: string;
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Quantity;
  readonly price: Price;
  /** What the order has traded with this fill in it. */
  readonly cumQty: Quantity;
  readonly leavesQty: Quantity;
  readonly at: bigint;
  /** The order waited for a trigger: how far from it the market was by then nobody could know when it was reserved. */
  readonly triggered: boolean;
};

/** An order that ended without trading any further, or goes on smaller than it was, or made way for another. */
export type OrderChange = {
  readonly type: 'ended' | 'restated' | 'replaced';
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly cumQty: Quantity;
  readonly leavesQty: Quantity;
  /** Which order took its place. */
  readonly replacedBy?: string;
};

/** What the engine reported about one order, as far as it concerns the ledger. */
export type Report = ({ readonly type: 'fill' } & Fill) | OrderChange;

/** What a client's fill is settled against: everything it can change, read under the locks that guard it. */
export type Books = {
  readonly currency: Currency;
  readonly reservation: Reservation;
  readonly terms: Terms;
  /** All orders of its group, itself among them, where it is an exit of one. */
  readonly group?: readonly Grouped[] | undefined;
  readonly schedule: FeeSchedule;
  /** Cash, and shares of the symbol, posted and not reserved. */
  readonly available: Micros;
  readonly availableShares: Micros;
  readonly position: Position;
  /** Open lots, oldest first; for a sale, enough of them to supply it. */
  readonly lots: readonly Lot[];
};

export type Settlement = {
  readonly ok: true;
  readonly reservation: Reservation;
  /** Of the other exits of its group, where what they hold changes with it. */
  readonly siblings: readonly Reservation[];
  /** By all of these. */
  readonly freed: Micros;
  readonly amount: Micros;
  readonly fee: Micros;
  /** Signed change of the cash balance, fee included. */
  readonly cash: Micros;
  /** Signed change of the share balance. */
  readonly shares: Micros;
  readonly realised: Micros;
  readonly position: Position;
  /** Lots that were opened or touched. */
  readonly lots: readonly Lot[];
  readonly closings: readonly Closing[];
  readonly journals: readonly Journal[];
};

/** `fill_ahead` may come right by itself, once the fills before it are in; the others need a person. */
export type SettlementRefusal = { readonly ok: false; readonly reason: SettlementFault };

export type SettlementFault = (typeof settlementFaults)[number];
export const settlementFaults = [
  'account_differs_from_reservation',
  'symbol_differs_from_reservation',
  'side_differs_from_reservation',
  'fill_already_counted',
  'order_has_ended',
  'fill_ahead',
  'fill_exceeds_order',
  'price_beyond_limit',
  'fills_differ_from_report',
  'insufficient_shares',
  'cost_exceeds_reservation',
] as const;

/** All that can be wrong with a report, what is missing around it included. */
export type ReportFault = (typeof reportFaults)[number];
export const reportFaults = [
  ...settlementFaults,
  'account_not_found',
  'order_not_reserved',
  /** Another fill was settled under this id. */
  'execution_differs',
  /** The account is kept in another currency than the symbol trades in. */
  'wrong_currency',
] as const;

/** What an order was reserved with, and whose it is. Every report of it is checked against this and never believed instead. */
export type Terms = {
  readonly accountId: string;
  readonly symbol: string;
  /** As asked for, whatever the engine has taken off since: together they say what a share may cost. */
  readonly qty: bigint;
  readonly principal: bigint;
  /** The worst price it may trade at, where it was reserved with one. */
  readonly limit: bigint | undefined;
};

/** A client's fill. A fill is a fact, so a refusal means that our books or the engine's are wrong. */
export function settle(fill: Fill, books: Books): Settlement | SettlementRefusal {
  const { reservation, terms } = books;
  const before = fill.cumQty - fill.qty;
  const stranger = refuseStranger(fill, reservation, terms);
  if (stranger !== undefined) return refused(stranger);
  if (before < reservation.filled) return refused('fill_already_counted');
  if (reservation.state === 'closed') return refused('order_has_ended');
  if (before > reservation.filled) return refused('fill_ahead');
  if (fill.cumQty > reservation.qty) return refused('fill_exceeds_order');
  const { group } = books;
  if (group !== undefined && fill.qty > openQuantity(group))
    return refused(openEntry(group) === undefined ? 'fill_exceeds_order' : 'fill_ahead');
  if (isBeyondLimit(fill, terms)) return refused('price_beyond_limit');
  return fill.side === 'buy' ? settleBuy(fill, books) : settleSell(fill, books);
}

/**
 * What an order's reservation becomes when the order changed otherwise than by a fill. An exit is restated for what its sibling or its entry has
 * traded, which is known by their own reports; what its group then shares out is the caller's to see to.
 */
export function change(
  order: OrderChange,
  reservation: Reservation,
  terms: Terms,
  replacement: Reservation | undefined,
  isExit = false,
): ReservationChange | SettlementRefusal {
  const stranger = refuseStranger(order, reservation, terms);
  if (stranger !== undefined) return refused(stranger);
  if (order.cumQty > reservation.filled) return refused('fill_ahead');
  const ends = order.type !== 'restated';
  if (ends && reservation.state === 'open' && order.cumQty < reservation.filled)
    return refused('fills_differ_from_report');
  if (order.type === 'restated')
    return { ok: true, ...shrunk(reservation, isExit ? undefined : order.leavesQty), replacement: undefined };
  if (order.type === 'replaced' && replacement?.state === 'open' && reservation.state === 'open') {
    const { old, next, freed } = replaceReservation(reservation, replacement);
    return { ok: true, reservation: old, replacement: next, freed };
  }
  return { ok: true, ...release(reservation), replacement: undefined };
}

/** A report of an order that is not the one reserved: another's, of another symbol, on the other side. */
function refuseStranger(
  report: Pick<Fill, 'accountId' | 'symbol' | 'side'>,
  { side }: Reservation,
  { accountId, symbol }: Terms,
): SettlementFault | undefined {
  if (report.accountId !== accountId) return 'account_differs_from_reservation';
  if (report.symbol !== symbol) return 'symbol_differs_from_reservation';
  if (report.side !== side) return 'side_differs_from_reservation';
  return undefined;
}

/**
 * Without a limit of its own a buy may cost what was reserved for its shares, give or take the rounding of that amount. An order that
 * waited for a trigger was reserved by a guess: it is bounded by what its account can pay.
 */
function isBeyondLimit({ side, price, triggered }: Fill, { limit, qty, principal }: Terms): boolean {
  if (limit !== undefined) return side === 'buy' ? price > limit : price < limit;
  if (side === 'sell' || triggered) return false;
  return 2n * (price * qty - principal * MICRO) > MICRO;
}

export type ReservationChange = {
  readonly ok: true;
  readonly reservation: Reservation;
  readonly replacement: Reservation | undefined;
  readonly freed: Micros;
};

/** The house trades without a reservation and below zero; it keeps neither lots nor a position and pays no fees. */
export function houseFill(fill: Fill, currency: Currency): Journal {
  return fillJournal({ ...fill, currency, amount: amount(fill.price, fill.qty), borneByHouse: ZERO });
}

function settleBuy(fill: Fill, books: Books): Settlement | SettlementRefusal {
  const cost = amount(fill.price, fill.qty);
  const consumed = consumedBy(fill, cost, books);
  const needed = add(cost, consumed.fee);
  const short = max(subtract(needed, add(books.available, consumed.freed)), ZERO);
  if (short > ROUNDING_PER_FILL) return refused('cost_exceeds_reservation');
  const lot: Lot = { id: fill.execId, openedAt: fill.at, qty: fill.qty, cost, remaining: fill.qty };
  return {
    ok: true,
    reservation: consumed.reservation,
    siblings: consumed.siblings,
    freed: consumed.freed,
    amount: cost,
    fee: consumed.fee,
    cash: subtract(short, needed),
    shares: subtract(ZERO, negate(fill.qty)),
    realised: ZERO,
    position: bought(books.position, fill.qty, cost),
    lots: [lot],
    closings: [],
    journals: journalsOf(fill, books, { amount: cost, fee: consumed.fee, borneByHouse: short }),
  };
}

function settleSell(fill: Fill, books: Books): Settlement | SettlementRefusal {
  const proceeds = amount(fill.price, fill.qty);
  const closed = closeLots(books.lots, fill.qty, proceeds);
  if (closed === undefined) return refused('insufficient_shares');
  const consumed = consumedBy(fill, proceeds, books);
  if (fill.qty > add(books.availableShares, consumed.freed)) return refused('insufficient_shares');
  const cost = closed.closings.reduce((total, closing) => add(total, closing.cost), ZERO);
  return {
    ok: true,
    reservation: consumed.reservation,
    siblings: consumed.siblings,
    freed: consumed.freed,
    amount: proceeds,
    fee: consumed.fee,
    cash: subtract(proceeds, consumed.fee),
    shares: negate(fill.qty),
    realised: subtract(proceeds, cost),
    position: sold(books.position, fill.qty, proceeds, cost),
    lots: closed.lots,
    closings: closed.closings,
    journals: journalsOf(fill, books, { amount: proceeds, fee: consumed.fee, borneByHouse: ZERO }),
  };
}

/** The engine knows what is left of the order: if that is less than we thought, the rest is given back now. */
function consumedBy(fill: Fill, traded: Micros, books: Books): Consumption & Pick<Settlement, 'siblings'> {
  const { group } = books;
  const consumed = consume(books.reservation, { qty: fill.qty, amount: traded }, books.schedule);
  const leaves = group === undefined || fill.leavesQty === 0n ? fill.leavesQty : undefined;
  const { reservation, freed } = shrunk(consumed.reservation, leaves);
  const alone = { reservation, fee: consumed.fee, freed: add(consumed.freed, freed), siblings: [] };
  return group === undefined ? alone : shared(alone, group);
}

/** What the exits of its group hold once one of them has traded. */
function shared(alone: Consumption, group: readonly Grouped[]): Consumption & Pick<Settlement, 'siblings'> {
  const { orderId } = alone.reservation;
  const { changed, freed } = shareHold(withChanged(group, [alone.reservation]));
  const own = changed.find((reservation) => reservation.orderId === orderId) ?? alone.reservation;
  const siblings = changed.filter((reservation) => reservation.orderId !== orderId);
  return { reservation: own, fee: alone.fee, freed: add(alone.freed, freed), siblings };
}

/** Undefined leaves say nothing. */
function shrunk(reservation: Reservation, leaves: Quantity | undefined): { reservation: Reservation; freed: Micros } {
  if (leaves === undefined || leaves >= subtractQuantity(reservation.qty, reservation.filled))
    return { reservation, freed: ZERO };
  return restate(reservation, leaves);
}

function journalsOf(fill: Fill, books: Books, money: { amount: Micros; fee: Micros; borneByHouse: Micros }): Journal[] {
  const { currency } = books;
  const leg = fillJournal({ ...fill, currency, amount: money.amount, borneByHouse: money.borneByHouse });
  if (money.fee === 0n) return [leg];
  const { accountId, at } = fill;
  const scheduleId = books.schedule.id;
  return [leg, feeJournal({ reference: fill.execId, accountId, currency, amount: money.fee, scheduleId, at })];
}

function refused(reason: SettlementRefusal['reason']): SettlementRefusal {
  return { ok: false, reason };
}
