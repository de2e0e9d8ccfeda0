import { amount, basisPoints, MICRO, type Micros, max, min, toMicros } from '@andvari/money';
import { basisPointsOf, format, microsOf, priceOf, quantityOf } from '@andvari/money/decimal';

/** The rules of a ticket, before anybody is asked: values and functions, exact, no page. */
export type TicketSide = 'BUY' | 'SELL';
export type TicketType = 'MARKET' | 'LIMIT' | 'STOP' | 'STOP_LIMIT' | 'TRAILING_STOP';
export type TicketShape = 'SINGLE' | 'BRACKET' | 'OCO';
export type TicketForce = 'DAY' | 'GTC' | 'IOC' | 'FOK' | 'OPG' | 'CLS';

/** Decimal strings as understood; an empty one is not there, and null is text that is no number. */
export type Entered = string | null;

export interface Ticket {
  side: TicketSide;
  type: TicketType;
  force: TicketForce;
  shape: TicketShape;
  sizeIn: 'SHARES' | 'MONEY';
  size: Entered;
  limitPrice: Entered;
  stopPrice: Entered;
  trailIn: 'PERCENT' | 'MONEY';
  trail: Entered;
  takeProfit: Entered;
  stopLoss: Entered;
  postOnly: boolean;
}

export interface TicketInstrument {
  symbol: string;
  tick: string;
  tickBelowOne: string;
  lot: string;
  fractionable: boolean;
  tradable: boolean;
  halted: boolean;
  minNotional: string | null;
  maxQuantity: string | null;
  maxPrice: string | null;
}

export interface TicketMarket {
  last: string;
  bid: string | null;
  ask: string | null;
  /** A price that nobody vouches for any more is no ground for a market order. */
  isStale: boolean;
}

export interface TicketAccount {
  isOpen: boolean;
  buyingPower: string;
  sharesAvailable: string;
  fees:
    | { perOrder: string; perShare: string; basisPoints: string; minimum: string; maximum: string | null }
    | undefined;
}

export type TicketField = 'size' | 'limitPrice' | 'stopPrice' | 'trail' | 'takeProfit' | 'stopLoss' | 'ticket';

export interface TicketRefusal {
  field: TicketField;
  code: string;
}

export const needsLimit = ({ type, shape }: Pick<Ticket, 'type' | 'shape'>): boolean =>
  shape !== 'OCO' && (type === 'LIMIT' || type === 'STOP_LIMIT');
export const needsStop = ({ type, shape }: Pick<Ticket, 'type' | 'shape'>): boolean =>
  shape !== 'OCO' && (type === 'STOP' || type === 'STOP_LIMIT');
export const needsTrail = ({ type, shape }: Pick<Ticket, 'type' | 'shape'>): boolean =>
  shape !== 'OCO' && type === 'TRAILING_STOP';
export const needsExits = ({ shape }: Pick<Ticket, 'shape'>): boolean => shape !== 'SINGLE';

/** The first reason why it cannot be sent as it is; the order of the lines is their precedence. */
export function refusal(
  ticket: Ticket,
  instrument: TicketInstrument,
  market: TicketMarket | undefined,
  account: TicketAccount | undefined,
): TicketRefusal | undefined {
  if (account === undefined) return no('ticket', 'no_account');
  if (!account.isOpen) return no('ticket', 'account_not_open');
  if (!instrument.tradable) return no('ticket', 'not_tradable');
  if (instrument.halted) return no('ticket', 'symbol_halted');
  if (isAtMarket(ticket) && (market === undefined || market.isStale)) return no('ticket', 'price_is_stale');

  if (isMissing(ticket.size)) return no('size', 'size_missing');
  const size = microsOf(ticket.size);
  if (size <= 0n) return no('size', 'size_not_positive');
  if (ticket.sizeIn === 'SHARES') {
    if (!instrument.fractionable && size % MICRO !== 0n) return no('size', 'whole_shares_only');
    if (size % microsOf(instrument.lot) !== 0n) return no('size', 'size_off_lot');
    if (instrument.maxQuantity !== null && size > microsOf(instrument.maxQuantity))
      return no('size', 'size_above_maximum');
  } else {
    if (ticket.shape !== 'SINGLE') return no('size', 'groups_in_shares');
    if (ticket.type !== 'MARKET') return no('size', 'money_at_market_only');
    if (instrument.minNotional !== null && size < microsOf(instrument.minNotional))
      return no('size', 'amount_below_minimum');
  }

  for (const [field, value] of pricesOf(ticket)) {
    const wrong = wrongPrice(value, instrument);
    if (wrong !== undefined) return no(field, wrong);
  }
  if (needsTrail(ticket)) {
    if (isMissing(ticket.trail)) return no('trail', 'trail_missing');
    const wrong = wrongTrail(ticket, microsOf(ticket.trail), instrument, market);
    if (wrong !== undefined) return no('trail', wrong);
  }
  const crossed = crossedPrices(ticket);
  if (crossed !== undefined) return crossed;

  if (
    ticket.side === 'SELL' &&
    ticket.shape !== 'BRACKET' &&
    sharesOf(ticket, market) > microsOf(account.sharesAvailable)
  ) {
    return no('size', 'not_enough_shares');
  }
  const estimate = estimateOf(ticket, market, account);
  if (ticket.side === 'BUY' && estimate !== undefined && estimate.cost > microsOf(account.buyingPower)) {
    return no('size', 'not_enough_buying_power');
  }
  return undefined;
}

const no = (field: TicketField, code: string): TicketRefusal => ({ field, code });
const isMissing = (value: Entered): value is null | '' => value === null || value === '';
const isAtMarket = ({ type, shape }: Ticket): boolean => type === 'MARKET' && shape !== 'OCO';

function pricesOf(ticket: Ticket): [TicketField, Entered][] {
  return [
    ...(needsStop(ticket) ? [['stopPrice', ticket.stopPrice] as [TicketField, Entered]] : []),
    ...(needsLimit(ticket) ? [['limitPrice', ticket.limitPrice] as [TicketField, Entered]] : []),
    ...(needsExits(ticket)
      ? ([
          ['takeProfit', ticket.takeProfit],
          ['stopLoss', ticket.stopLoss],
        ] as [TicketField, Entered][])
      : []),
  ];
}

function wrongPrice(value: Entered, instrument: TicketInstrument): string | undefined {
  if (isMissing(value)) return 'price_missing';
  const price = microsOf(value);
  if (price <= 0n) return 'price_not_positive';
  if (price % tickOf(price, instrument) !== 0n) return 'price_off_tick';
  if (instrument.maxPrice !== null && price > microsOf(instrument.maxPrice)) return 'price_above_maximum';
  return undefined;
}

/** A sale that follows by more than the price would wait for less than nothing. */
function wrongTrail(
  { trailIn, side }: Ticket,
  trail: Micros,
  instrument: TicketInstrument,
  market: TicketMarket | undefined,
): string | undefined {
  if (trailIn === 'PERCENT') return trail <= 0n || trail >= 100n * MICRO ? 'trail_out_of_range' : undefined;
  if (trail <= 0n) return 'trail_not_positive';
  if (instrument.maxPrice !== null && trail > microsOf(instrument.maxPrice)) return 'price_above_maximum';
  if (side === 'SELL' && market !== undefined && trail >= microsOf(market.last)) return 'trail_beyond_price';
  return undefined;
}

export const tickOf = (price: bigint, { tick, tickBelowOne }: TicketInstrument): Micros =>
  microsOf(price >= MICRO ? tick : tickBelowOne);

/**
 * The order service's rule: a group's stop, its entry and its profit lie in order, upwards where its exits sell. An entry at market and
 * one that follows the price have no price to go by, whatever the market says now: the last price is no entry's.
 */
function crossedPrices(ticket: Ticket): TicketRefusal | undefined {
  if (!needsExits(ticket)) return undefined;
  const [profit, loss] = [microsOf(ticket.takeProfit ?? ''), microsOf(ticket.stopLoss ?? '')];
  const sells = exitsSell(ticket);
  for (const entry of entryPrices(ticket)) {
    if (sells ? profit <= entry : profit >= entry)
      return no('takeProfit', sells ? 'profit_not_above_entry' : 'profit_not_below_entry');
  }
  for (const entry of entryPrices(ticket)) {
    if (sells ? loss >= entry : loss <= entry)
      return no('stopLoss', sells ? 'loss_not_below_entry' : 'loss_not_above_entry');
  }
  if (sells ? loss >= profit : loss <= profit)
    return no('stopLoss', sells ? 'loss_not_below_profit' : 'loss_not_above_profit');
  return undefined;
}

/** The exits of a bought bracket sell; those of an OCO are on the ticket's own side. */
const exitsSell = ({ shape, side }: Ticket): boolean => (shape === 'OCO' ? side === 'SELL' : side === 'BUY');

/** All that an entry names: it may trade at any of them. */
function entryPrices(ticket: Ticket): Micros[] {
  if (ticket.shape !== 'BRACKET') return [];
  return [
    ...(needsStop(ticket) ? [microsOf(ticket.stopPrice ?? '')] : []),
    ...(needsLimit(ticket) ? [microsOf(ticket.limitPrice ?? '')] : []),
  ];
}

/** Whether an exit would trade as soon as an entry at market has: allowed, and seldom meant. */
export function tradesAtOnce(ticket: Ticket, market: TicketMarket | undefined): 'takeProfit' | 'stopLoss' | undefined {
  if (ticket.shape !== 'BRACKET' || ticket.type !== 'MARKET' || market === undefined) return undefined;
  const last = microsOf(market.last);
  const isPast = (exit: Entered, isAbove: boolean): boolean =>
    !isMissing(exit) && (isAbove ? microsOf(exit) <= last : microsOf(exit) >= last);
  if (isPast(ticket.takeProfit, exitsSell(ticket))) return 'takeProfit';
  return isPast(ticket.stopLoss, !exitsSell(ticket)) ? 'stopLoss' : undefined;
}

/** What a market order may cost beyond the best price at the most, as the order service reserves it. */
const COLLAR_PERCENT = 5n;

export interface Estimate {
  cost: Micros;
  fee: Micros;
  shares: Micros;
}

/** Until the server has answered: the same arithmetic, from what the page knows. Undefined where there is no price to go by. */
export function estimateOf(
  ticket: Ticket,
  market: TicketMarket | undefined,
  account: TicketAccount,
): Estimate | undefined {
  const price = worstPriceOf(ticket, market);
  if (price === undefined || isMissing(ticket.size)) return undefined;
  const size = microsOf(ticket.size);
  const value = ticket.sizeIn === 'MONEY' ? size : amount(priceOf(price), quantityOf(format(size)));
  const shares = ticket.sizeIn === 'MONEY' ? toMicros((size * MICRO) / microsOf(price)) : size;
  const fee = feeOf(value, shares, account);
  const cost = toMicros(ticket.side === 'BUY' ? value + fee : value - fee);
  return { cost, fee, shares };
}

function worstPriceOf(ticket: Ticket, market: TicketMarket | undefined): string | undefined {
  if (ticket.shape === 'OCO') return isMissing(ticket.takeProfit) ? undefined : ticket.takeProfit;
  if (needsLimit(ticket)) return isMissing(ticket.limitPrice) ? undefined : ticket.limitPrice;
  const from =
    ticket.type === 'STOP' && !isMissing(ticket.stopPrice)
      ? ticket.stopPrice
      : ticket.side === 'BUY'
        ? market?.ask
        : market?.bid;
  if (from == null || microsOf(from) <= 0n) return undefined;
  if (ticket.side === 'SELL') return from;
  return format(toMicros((microsOf(from) * (100n + COLLAR_PERCENT)) / 100n));
}

function feeOf(value: Micros, shares: Micros, { fees }: TicketAccount): Micros {
  if (fees === undefined) return toMicros(0n);
  const perShare = (microsOf(fees.perShare) * shares) / MICRO;
  const plain = toMicros(microsOf(fees.perOrder) + perShare + basisPoints(value, basisPointsOf(fees.basisPoints)));
  const atLeast = max(plain, microsOf(fees.minimum));
  return fees.maximum === null ? atLeast : min(atLeast, microsOf(fees.maximum));
}

function sharesOf(ticket: Ticket, market: TicketMarket | undefined): Micros {
  const size = microsOf(ticket.size ?? '0');
  if (ticket.sizeIn === 'SHARES') return size;
  const bid = market?.bid == null ? 0n : microsOf(market.bid);
  return bid === 0n ? toMicros(0n) : toMicros((size * MICRO) / bid);
}

/** Where a limit starts: at the other side's best price it trades at once, and one that may not take rests at its own. */
export const touchSide = ({ side, postOnly }: Pick<Ticket, 'side' | 'postOnly'>): 'ask' | 'bid' =>
  (side === 'BUY') === postOnly ? 'bid' : 'ask';

/**
 * The book goes before the quote, whose prices another venue may have: what is offered here is what one gets. Undefined where there
 * is no price, or none that anybody vouches for.
 */
export function touchOf(
  ticket: Pick<Ticket, 'side' | 'postOnly'>,
  market: TicketMarket | undefined,
  best: string | undefined,
  instrument: TicketInstrument,
): string | undefined {
  if (market === undefined || market.isStale) return undefined;
  const touch = nearestTick(best ?? market[touchSide(ticket)] ?? market.last, instrument);
  return microsOf(touch) > 0n ? touch : undefined;
}

/** The allowed price next to one that is off the grid. */
export function nearestTick(value: string, instrument: TicketInstrument): string {
  const price = microsOf(value);
  const tick = tickOf(price, instrument);
  return format(toMicros(((price + tick / 2n) / tick) * tick));
}
