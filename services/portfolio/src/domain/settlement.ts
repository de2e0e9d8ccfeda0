import { add, amount, type Micros, max, negate, type Price, type Quantity, subtract, ZERO } from '@andvari/money';
import type { Currency } from './asset.ts';
import type { FeeSchedule } from './fee-schedule.ts';
import { feeJournal, fillJournal, type Journal } from './journal.ts';
import { type Closing, closeLots, type Lot } from './lots.ts';
import { bought, type Position, sold } from './position.ts';
import { consume, type Reservation, ROUNDING_PER_FILL, type Side } from './reservation.ts';

/** One leg of a trade, as the engine reports it. */
export type Fill = {
  readonly execId: string;
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Quantity;
  readonly price: Price;
  /** What the order has traded with this fill in it. */
  readonly cumQty: Quantity;
  readonly at: bigint;
};

/** What a client's fill is settled against: everything it can change, read under the locks that guard it. */
export type Books = {
  readonly currency: Currency;
  readonly shard: number;
  readonly reservation: Reservation;
  readonly schedule: FeeSchedule;
  /** Cash posted and not reserved. */
  readonly available: Micros;
  readonly position: Position;
  /** Open lots, oldest first; for a sale, enough of them to supply it. */
  readonly lots: readonly Lot[];
};

export type Settlement = {
  readonly ok: true;
  readonly reservation: Reservation;
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
export type SettlementRefusal = {
  readonly ok: false;
  readonly reason:
    | 'side_differs_from_reservation'
    | 'fill_already_counted'
    | 'fill_ahead'
    | 'fill_exceeds_order'
    | 'insufficient_shares'
    | 'cost_exceeds_reservation';
};

/** A client's fill. A fill is a fact, so a refusal means that our books or the engine's are wrong. */
export function settle(fill: Fill, books: Books): Settlement | SettlementRefusal {
  const { reservation } = books;
  const before = fill.cumQty - fill.qty;
  if (fill.side !== reservation.side) return refused('side_differs_from_reservation');
  if (before < reservation.filled) return refused('fill_already_counted');
  if (before > reservation.filled) return refused('fill_ahead');
  if (fill.cumQty > reservation.qty) return refused('fill_exceeds_order');
  return fill.side === 'buy' ? settleBuy(fill, books) : settleSell(fill, books);
}

/** The house trades without a reservation and below zero; it keeps neither lots nor a position and pays no fees. */
export function houseFill(fill: Fill, books: Pick<Books, 'currency' | 'shard'>): Journal {
  return fillJournal({ ...fill, ...books, amount: amount(fill.price, fill.qty), borneByHouse: ZERO });
}

function settleBuy(fill: Fill, books: Books): Settlement | SettlementRefusal {
  const cost = amount(fill.price, fill.qty);
  const consumed = consume(books.reservation, { qty: fill.qty, amount: cost }, books.schedule);
  const needed = add(cost, consumed.fee);
  const short = max(subtract(needed, add(books.available, consumed.freed)), ZERO);
  if (short > ROUNDING_PER_FILL) return refused('cost_exceeds_reservation');
  const lot: Lot = { id: fill.execId, openedAt: fill.at, qty: fill.qty, cost, remaining: fill.qty };
  return {
    ok: true,
    reservation: consumed.reservation,
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
  const consumed = consume(books.reservation, { qty: fill.qty, amount: proceeds }, books.schedule);
  const cost = closed.closings.reduce((total, closing) => add(total, closing.cost), ZERO);
  return {
    ok: true,
    reservation: consumed.reservation,
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

function journalsOf(fill: Fill, books: Books, money: { amount: Micros; fee: Micros; borneByHouse: Micros }): Journal[] {
  const { currency, shard } = books;
  const leg = fillJournal({ ...fill, currency, shard, amount: money.amount, borneByHouse: money.borneByHouse });
  if (money.fee === 0n) return [leg];
  const { accountId, at } = fill;
  const scheduleId = books.schedule.id;
  return [leg, feeJournal({ reference: fill.execId, accountId, currency, amount: money.fee, scheduleId, at })];
}

function refused(reason: SettlementRefusal['reason']): SettlementRefusal {
  return { ok: false, reason };
}
