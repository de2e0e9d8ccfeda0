import {
  type Clock,
  ceilToTick,
  floorToTick,
  type Instrument,
  type Market,
  type Quote,
  referencePrice,
  tickAt,
  touch,
} from './market.ts';
import type { OrderSpec, OrderType, TimeInForce } from './order.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Settings of the venue, in millionths. */
export interface Collars {
  /** How far from the price of the moment a market order, or a stop once it is triggered, may trade. */
  readonly marketPpm: bigint;
  /** How far from the reference a limit may lie. */
  readonly limitPpm: bigint;
}

/** An order that may be placed, with what follows from the prices of the moment. */
export interface Placement {
  readonly qty: bigint;
  readonly collarPx: bigint;
  readonly collarOffset: bigint;
  /** What is reserved before fees: money for a buy, shares for a sell. */
  readonly asset: string;
  readonly principal: bigint;
  /** What it may come to in money, whatever its side. */
  readonly exposure: bigint;
}

/** An exit waits for its entry, so that what the market does now says nothing about it. */
export type Role = 'single' | 'exit';

/** The ladder: the first refusal in order of precedence, or what to place. */
export function judgeOrder(
  spec: OrderSpec,
  market: Market,
  collars: Collars,
  role: Role = 'single',
): Placement | Refusal {
  const bounds = boundsOf(spec, market, collars);
  const shape = refuseShape(spec, bounds);
  if (shape !== undefined) return shape;
  const { instrument, quote, clock, nowUs } = market;
  if (instrument === undefined) return refuse('instrument_not_found', 'symbol');
  if (!instrument.tradable) return refuse('instrument_not_tradable', 'symbol');
  const numbers = refuseNumbers(spec, instrument, bounds);
  if (numbers !== undefined) return numbers;
  if (role === 'single') {
    if (instrument.halted) return refuse('symbol_halted', 'symbol', { since_us: instrument.haltedAtUs });
    if (!mayWait(spec) && !isOpen(clock)) return refuse('market_closed', '', { opens_at_us: clock?.nextOpenUs ?? 0n });
    if (needsPrice(spec.type) && !hasPrice(quote, clock, spec, nowUs)) {
      return refuse('no_price', '', { as_of_us: quote?.asOfUs ?? 0n, valid_until_us: quote?.validUntilUs ?? 0n });
    }
    const collar = refuseCollar(spec, instrument, quote, collars);
    if (collar !== undefined) return collar;
    const stop = refuseStop(spec, quote);
    if (stop !== undefined) return stop;
  }
  return place(spec, instrument, quote, collars, bounds);
}

/** Of every refusal that would be met, for whoever only asks: the ladder goes on after each where it can. */
export function allRefusals(spec: OrderSpec, market: Market, collars: Collars): Refusal[] {
  const bounds = boundsOf(spec, market, collars);
  const shape = refuseShape(spec, bounds);
  if (shape !== undefined) return [shape];
  const { instrument, quote, clock, nowUs } = market;
  if (instrument === undefined) return [refuse('instrument_not_found', 'symbol')];
  const found: (Refusal | undefined)[] = [
    instrument.tradable ? undefined : refuse('instrument_not_tradable', 'symbol'),
    refuseNumbers(spec, instrument, bounds),
    instrument.halted ? refuse('symbol_halted', 'symbol', { since_us: instrument.haltedAtUs }) : undefined,
    !mayWait(spec) && !isOpen(clock)
      ? refuse('market_closed', '', { opens_at_us: clock?.nextOpenUs ?? 0n })
      : undefined,
    needsPrice(spec.type) && !hasPrice(quote, clock, spec, nowUs)
      ? refuse('no_price', '', { as_of_us: quote?.asOfUs ?? 0n, valid_until_us: quote?.validUntilUs ?? 0n })
      : undefined,
    refuseCollar(spec, instrument, quote, collars),
    refuseStop(spec, quote),
  ];
  const met = found.filter((each) => each !== undefined);
  if (met.length > 0) return met;
  const placement = place(spec, instrument, quote, collars, bounds);
  return 'refused' in placement ? [placement] : [];
}

/** The worst price it may trade at; nothing for a stop, which trades around whatever price triggers it. */
export function worstPrice(spec: OrderSpec, { collarPx }: Pick<Placement, 'collarPx'>): bigint | undefined {
  if (spec.type === 'market') return collarPx;
  return spec.limitPx === 0n ? undefined : spec.limitPx;
}

/** What makes no sense whatever the market does. */
export function refuseShape(spec: OrderSpec, bounds: Bounds = WIDEST): Refusal | undefined {
  const { type, timeInForce, qty, notional, limitPx, stopPx, trailAmount, trailPercent } = spec;
  const { limit, stop, trail } = pricesOf[type];
  if (spec.symbol === '') return refuse('symbol_missing', 'symbol');
  if (spec.extendedHours) return refuse('field_not_allowed', 'extended_hours');
  if (!limit && limitPx !== 0n) return refuse('field_not_allowed', 'limit_px');
  if (!stop && stopPx !== 0n) return refuse('field_not_allowed', 'stop_px');
  if (!trail && trailAmount !== 0n) return refuse('field_not_allowed', 'trail_amount');
  if (!trail && trailPercent !== 0n) return refuse('field_not_allowed', 'trail_percent');
  if (limit && limitPx === 0n) return refuse('price_missing', 'limit_px');
  if (stop && stopPx === 0n) return refuse('price_missing', 'stop_px');
  const { price: maximum } = bounds;
  if (limitPx < 0n || limitPx > MAX_PRICE) return refuse('price_invalid', 'limit_px', { maximum });
  if (stopPx < 0n || stopPx > MAX_PRICE) return refuse('price_invalid', 'stop_px', { maximum });
  if (trail && (trailAmount === 0n) === (trailPercent === 0n)) return refuse('trail_invalid', 'trail_amount');
  if (trailAmount < 0n || trailAmount > MAX_PRICE)
    return refuse('trail_invalid', 'trail_amount', { maximum: MAX_PRICE });
  if (trailPercent < 0n || trailPercent > MAX_TRAIL) {
    return refuse('trail_invalid', 'trail_percent', { maximum: MAX_TRAIL });
  }
  if (qty !== 0n && notional !== 0n) return refuse('quantity_and_notional', 'notional');
  if (qty === 0n && notional === 0n) return refuse('quantity_missing', 'qty');
  if (qty < 0n || qty > MAX_QTY) return refuse('quantity_invalid', 'qty', { maximum: bounds.takenQty });
  if (notional < 0n || notional > MAX_NOTIONAL)
    return refuse('notional_above_maximum', 'notional', { maximum: MAX_NOTIONAL, notional });
  if (!timesOf[type].has(timeInForce)) return refuse('time_in_force_not_allowed', 'time_in_force');
  if (spec.postOnly && (type !== 'limit' || !rests(timeInForce))) return refuse('post_only_not_allowed', 'post_only');
  if (notional !== 0n && (type !== 'market' || timeInForce !== 'day'))
    return refuse('notional_not_allowed', 'notional');
  return undefined;
}

/** Prices and quantities against the instrument's grid and ceilings. */
export function refuseNumbers(spec: OrderSpec, instrument: Instrument, bounds: Bounds): Refusal | undefined {
  const { limitPx, stopPx, qty, notional } = spec;
  const { price: maxPrice, qty: maxQty, takenQty: maximum } = bounds;
  if (limitPx > maxPrice) return refuse('price_invalid', 'limit_px', { maximum: maxPrice });
  if (stopPx > maxPrice) return refuse('price_invalid', 'stop_px', { maximum: maxPrice });
  if (limitPx !== 0n && !onTick(instrument, limitPx)) return offTick(instrument, 'limit_px', limitPx);
  if (stopPx !== 0n && !onTick(instrument, stopPx)) return offTick(instrument, 'stop_px', stopPx);
  if (notional !== 0n && !instrument.fractionable) return refuse('notional_not_allowed', 'notional');
  if (notional !== 0n && notional < instrument.minNotional) {
    return refuse('notional_below_minimum', 'notional', { minimum: instrument.minNotional, notional });
  }
  const { lot } = instrument;
  if (qty !== 0n && qty < lot) return refuse('quantity_below_lot', 'qty', { lot });
  if (qty % lot !== 0n) return refuse('quantity_off_lot', 'qty', { lot });
  if (qty > maxQty) return refuse('quantity_above_maximum', 'qty', { maximum, quantity: qty });
  return undefined;
}

/** The most that an order may name; what a refusal tells of is what would be taken in its place. */
export interface Bounds {
  readonly price: bigint;
  readonly qty: bigint;
  /** The same where it also comes to no more money than one order may, at the highest price it may trade at. */
  readonly takenQty: bigint;
}

export function boundsOf(spec: OrderSpec, { instrument, quote }: Market, collars: Collars): Bounds {
  if (instrument === undefined) return WIDEST;
  const price = floorToTick(instrument, atMost(MAX_PRICE, instrument.maxPrice));
  const dearest = dearestOf(spec, instrument, touch(quote, spec.side), collars);
  const affordable = dearest > 0n ? (MAX_NOTIONAL * ONE) / dearest : MAX_QTY;
  const whole = (qty: bigint): bigint => qty - (qty % instrument.lot);
  const qty = whole(atMost(MAX_QTY, instrument.maxQty));
  return { price, qty, takenQty: whole(atMost(qty, affordable)) };
}

/** The highest numbers that the engine takes, and the most that one order may come to. */
export const MAX_PRICE = 2n ** 53n - 1n;
export const MAX_QTY = 2n ** 52n - 1n;
export const MAX_NOTIONAL = 10n ** 18n;
const MAX_TRAIL = 999_999n;
const ONE = 1_000_000n;
const WIDEST: Bounds = { price: MAX_PRICE, qty: MAX_QTY, takenQty: MAX_QTY };

const pricesOf: Record<OrderType, { limit: boolean; stop: boolean; trail: boolean }> = {
  market: { limit: false, stop: false, trail: false },
  limit: { limit: true, stop: false, trail: false },
  stop: { limit: false, stop: true, trail: false },
  stop_limit: { limit: true, stop: true, trail: false },
  trailing_stop: { limit: false, stop: false, trail: true },
};

const waiting: ReadonlySet<TimeInForce> = new Set(['day', 'gtc']);

const timesOf: Record<OrderType, ReadonlySet<TimeInForce>> = {
  market: new Set(['day', 'ioc', 'fok', 'opg', 'cls']),
  limit: new Set(['day', 'gtc', 'ioc', 'fok', 'opg', 'cls']),
  stop: waiting,
  stop_limit: waiting,
  trailing_stop: waiting,
};

export function rests(timeInForce: TimeInForce): boolean {
  return waiting.has(timeInForce);
}

/** Whether it may lie there until the market opens: at a price of its own, or for an auction. */
function mayWait({ type, timeInForce }: OrderSpec): boolean {
  if (timeInForce === 'opg' || timeInForce === 'cls') return true;
  return type !== 'market' && rests(timeInForce);
}

/** The engine has the last word; where nobody has told us of the market's hours it has the only one. */
function isOpen(clock: Clock | undefined): boolean {
  return clock === undefined || clock.session === 'regular';
}

/** Its price has to be guessed at to know what it may cost. */
function needsPrice(type: OrderType): boolean {
  return type === 'market' || type === 'trailing_stop';
}

/** While orders match, a price has to be fresh; one for the next auction is judged by the last there was. */
function hasPrice(quote: Quote | undefined, clock: Clock | undefined, { side }: OrderSpec, nowUs: bigint): boolean {
  if (quote === undefined || touch(quote, side) === 0n) return false;
  return !isOpen(clock) || quote.validUntilUs >= nowUs;
}

function refuseCollar(
  { limitPx }: OrderSpec,
  instrument: Instrument,
  quote: Quote | undefined,
  { limitPpm }: Collars,
): Refusal | undefined {
  const reference = referencePrice(quote);
  if (limitPx === 0n || reference === 0n) return undefined;
  const lowest = ceilToTick(instrument, (reference * (ONE - limitPpm)) / ONE);
  const highest = floorToTick(instrument, (reference * (ONE + limitPpm)) / ONE);
  if (limitPx >= lowest && limitPx <= highest) return undefined;
  return refuse('price_outside_collar', 'limit_px', { reference, lowest, highest, price: limitPx });
}

/** A stop that is already passed would be a market order in disguise. */
function refuseStop({ side, stopPx }: OrderSpec, quote: Quote | undefined): Refusal | undefined {
  const last = quote?.last ?? 0n;
  if (stopPx === 0n || last === 0n) return undefined;
  const passed = side === 'buy' ? stopPx <= last : stopPx >= last;
  return passed ? refuse('stop_price_on_wrong_side', 'stop_px', { last, stop: stopPx }) : undefined;
}

function place(
  spec: OrderSpec,
  instrument: Instrument,
  quote: Quote | undefined,
  collars: Collars,
  bounds: Bounds,
): Placement | Refusal {
  const { marketPpm } = collars;
  const { side, type } = spec;
  const best = touch(quote, side);
  const qty = spec.notional === 0n ? spec.qty : sharesFor(spec.notional, best, instrument.lot);
  if (qty === 0n) {
    return refuse('notional_below_minimum', 'notional', { minimum: best, notional: spec.notional });
  }
  const collarPx = type === 'market' ? collared(side, instrument, best, marketPpm) : 0n;
  const collarOffset = isTriggered(type) ? offsetOf(triggerPrice(spec, best), marketPpm) : 0n;
  const exposure = costOf(dearestOf(spec, instrument, best, collars), qty);
  if (exposure > MAX_NOTIONAL) {
    return spec.notional === 0n
      ? refuse('notional_above_maximum', 'qty', { maximum: bounds.takenQty, notional: exposure })
      : refuse('notional_above_maximum', 'notional', { notional: exposure });
  }
  // A trade's rounding may not take more than there is: at least one micro-unit is held.
  const principal = side === 'sell' ? qty : exposure === 0n ? 1n : exposure;
  const asset = side === 'sell' ? instrument.symbol : instrument.currency;
  return { qty, collarPx, collarOffset, asset, principal, exposure };
}

/** What so many of its shares may come to in money, as things stand. */
export function exposureOf(spec: OrderSpec, qty: bigint, { instrument, quote }: Market, collars: Collars): bigint {
  return instrument === undefined ? 0n : costOf(dearestOf(spec, instrument, touch(quote, spec.side), collars), qty);
}

/** The highest price that it may trade at as things stand; nothing where nobody says what it would trade at. */
function dearestOf(spec: OrderSpec, instrument: Instrument, best: bigint, { marketPpm }: Collars): bigint {
  const { type, side, limitPx, stopPx } = spec;
  // Who sells gets what is bid, however little would do.
  const bid = side === 'sell' ? best : 0n;
  if (type === 'market') return best === 0n ? 0n : greater(bid, collared(side, instrument, best, marketPpm));
  if (type === 'limit') return greater(bid, limitPx);
  if (type === 'stop_limit') return side === 'sell' ? greater(stopPx, limitPx) : limitPx;
  const trigger = triggerPrice(spec, best);
  return trigger + offsetOf(trigger, marketPpm);
}

function greater(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function isTriggered(type: OrderType): boolean {
  return type === 'stop' || type === 'trailing_stop';
}

/** Whole lots that the money buys at that price. */
function sharesFor(money: bigint, price: bigint, lot: bigint): bigint {
  const shares = (money * ONE) / price;
  return shares - (shares % lot);
}

function collared(side: 'buy' | 'sell', instrument: Instrument, best: bigint, ppm: bigint): bigint {
  if (side === 'sell') return ceilToTick(instrument, (best * (ONE - ppm)) / ONE);
  const most = floorToTick(instrument, (best * (ONE + ppm)) / ONE);
  return most > best ? most : ceilToTick(instrument, best);
}

/** Where a stop begins to trade as things stand; a trailing one starts from the price of the moment. */
export function triggerPrice({ side, stopPx, trailAmount, trailPercent }: OrderSpec, best: bigint): bigint {
  if (stopPx !== 0n) return stopPx;
  const trail = trailAmount !== 0n ? trailAmount : (best * trailPercent) / ONE;
  return side === 'buy' ? best + trail : best > trail ? best - trail : 1n;
}

function offsetOf(trigger: bigint, ppm: bigint): bigint {
  const offset = (trigger * ppm) / ONE;
  return offset > 0n ? offset : 1n;
}

/** Rounded up: what is held is never too little. */
function costOf(price: bigint, qty: bigint): bigint {
  return (price * qty + ONE - 1n) / ONE;
}

function onTick(instrument: Instrument, price: bigint): boolean {
  return price % tickAt(instrument, price) === 0n;
}

function offTick(instrument: Instrument, field: string, price: bigint): Refusal {
  const below = floorToTick(instrument, price);
  const above = ceilToTick(instrument, price);
  return refuse('price_off_tick', field, { tick: tickAt(instrument, price), below, above });
}

function atMost(ceiling: bigint, own: bigint): bigint {
  return own > 0n && own < ceiling ? own : ceiling;
}
