import { amount, divide, type Price, type Quantity } from '@andvari/money';
import { type Placement, rests } from './judge-order.ts';
import { type Market, referencePrice, touch } from './market.ts';
import type { Order, OrderSpec } from './order.ts';

export interface Level {
  readonly px: bigint;
  readonly qty: bigint;
}

/** What would trade at once, level by level, and what would not. */
export interface Walk {
  readonly fillsQty: bigint;
  readonly restsQty: bigint;
  readonly avgPx: bigint;
  readonly worstPx: bigint;
  readonly notional: bigint;
  /** Against the best price of that side: money a share, and millionths. */
  readonly slippagePx: bigint;
  readonly slippagePpm: bigint;
  /** Where it comes to an order of the same account, and what is left of it is cancelled. */
  readonly ownPx?: bigint | undefined;
}

const ONE = 1_000_000n;

/** What the engine would do with it now: as far as the book goes, and as the hour, its time in force and a post-only allow. */
export function foresee(
  spec: OrderSpec,
  placement: Placement,
  market: Market,
  levels: readonly Level[],
  ownPx?: bigint,
): Walk {
  if (waitsForAuction(spec) || !isOpen(market)) return waiting(placement);
  if (wouldCross(spec, placement, market, levels)) return NO_TRADE;
  const walk = walkBook(spec, placement, levels, ownPx);
  if (spec.timeInForce === 'fok' && walk.restsQty > 0n) return { ...NO_TRADE, ownPx: walk.ownPx };
  return mayRest(spec, walk) ? walk : { ...walk, restsQty: 0n };
}

/** The best price at which an order of the account waits on the other side. */
export function ownTouch(side: OrderSpec['side'], open: readonly Order[]): bigint | undefined {
  const prices = open
    .filter(({ spec, life }) => spec.side !== side && IN_BOOK.has(life.status) && spec.limitPx > 0n)
    .map(({ spec }) => spec.limitPx)
    .toSorted((one, other) => (one < other ? -1 : 1));
  return side === 'buy' ? prices[0] : prices.at(-1);
}

const IN_BOOK: ReadonlySet<Order['life']['status']> = new Set(['new', 'partially_filled']);

/** At market nothing rests, whatever the day. */
function mayRest({ type, timeInForce }: OrderSpec, { ownPx }: Walk): boolean {
  return type !== 'market' && rests(timeInForce) && ownPx === undefined;
}

/** Whatever the book has, it is not its time yet. */
export function waiting({ qty }: Placement): Walk {
  return { ...NO_TRADE, restsQty: qty };
}

/** A post-only order that would trade at once: the engine does not take it. While nothing trades it does. */
export function wouldCross(spec: OrderSpec, placement: Placement, market: Market, levels: readonly Level[]): boolean {
  return spec.postOnly && isOpen(market) && walkBook(spec, placement, levels).fillsQty > 0n;
}

function isOpen({ clock }: Market): boolean {
  return clock === undefined || clock.session === 'regular';
}

function waitsForAuction({ timeInForce }: OrderSpec): boolean {
  return timeInForce === 'opg' || timeInForce === 'cls';
}

const NO_TRADE: Walk = {
  fillsQty: 0n,
  restsQty: 0n,
  avgPx: 0n,
  worstPx: 0n,
  notional: 0n,
  slippagePx: 0n,
  slippagePpm: 0n,
};

/**
 * Walks the other side of the book as the engine would: the best price first, and none beyond what the order allows, or from where
 * an order of the same account waits: who is before it there, nobody tells.
 */
export function walkBook(
  spec: OrderSpec,
  { qty, collarPx }: Placement,
  levels: readonly Level[],
  ownPx?: bigint,
): Walk {
  const worst = spec.type === 'market' ? collarPx : spec.limitPx;
  const allows = (px: bigint): boolean => (spec.side === 'buy' ? px <= worst : px >= worst);
  const isBefore = (px: bigint, other: bigint): boolean => (spec.side === 'buy' ? px < other : px > other);
  let left = qty;
  let cost = 0n;
  let notional = 0n;
  let worstPx = 0n;
  if (takes(spec)) {
    for (const { px, qty: there } of levels) {
      if (left === 0n || !allows(px) || (ownPx !== undefined && !isBefore(px, ownPx))) break;
      const taken = there < left ? there : left;
      cost += px * taken;
      // As the ledger books it, each price for itself: rounding the sum would differ by a micro-unit.
      notional += amount(px as Price, taken as Quantity);
      left -= taken;
      worstPx = px;
    }
  }
  const fillsQty = qty - left;
  const avgPx = fillsQty === 0n ? 0n : divide(cost, fillsQty);
  const best = levels[0]?.px ?? 0n;
  const slippagePx = fillsQty === 0n ? 0n : spec.side === 'buy' ? avgPx - best : best - avgPx;
  return {
    fillsQty,
    restsQty: left,
    avgPx,
    worstPx,
    notional,
    slippagePx,
    slippagePpm: best === 0n ? 0n : (slippagePx * ONE) / best,
    ownPx: takes(spec) && left > 0n && ownPx !== undefined && allows(ownPx) ? ownPx : undefined,
  };
}

/** A stop waits, whatever the book has. */
function takes({ type }: OrderSpec): boolean {
  return type === 'market' || type === 'limit';
}

export interface Warning {
  readonly code:
    | 'queued_until_open'
    | 'price_stale'
    | 'limit_outside_spread'
    | 'would_not_trade_now'
    | 'waits_for_auction'
    | 'waits_for_entry'
    | 'would_be_canceled'
    | 'rest_would_be_canceled'
    | 'would_meet_own_order'
    | 'partly_beyond_book'
    | 'above_notional'
    | 'slippage_high'
    | 'large_against_volume';
  readonly numbers: Readonly<Record<string, bigint>>;
}

/** What does not refuse an order and somebody may want to know before. */
export function warningsOf(
  spec: OrderSpec,
  placement: Placement,
  market: Market,
  walk: Walk,
  visible: bigint,
): Warning[] {
  const { quote, clock, nowUs } = market;
  const best = touch(quote, spec.side);
  const found: Warning[] = [];
  const trades = isOpen(market);
  if (!trades) found.push({ code: 'queued_until_open', numbers: { opens_at_us: clock?.nextOpenUs ?? 0n } });
  if (quote !== undefined && quote.validUntilUs < nowUs) {
    found.push({ code: 'price_stale', numbers: { as_of_us: quote.asOfUs } });
  }
  if (spec.type === 'limit' && best > 0n && isAway(spec, referencePrice(quote))) {
    found.push({ code: 'limit_outside_spread', numbers: { limit: spec.limitPx, touch: best } });
  }
  if (waitsForAuction(spec)) found.push({ code: 'waits_for_auction', numbers: {} });
  else if (trades && takes(spec) && !mayRest(spec, walk)) found.push(...unfilledOf(placement, walk));
  else if (trades && spec.type === 'limit' && walk.fillsQty === 0n && walk.restsQty > 0n) {
    found.push({ code: 'would_not_trade_now', numbers: {} });
  }
  if (walk.ownPx !== undefined) found.push({ code: 'would_meet_own_order', numbers: { price: walk.ownPx } });
  else if (trades && spec.type === 'market' && rests(spec.timeInForce) && walk.fillsQty < placement.qty) {
    found.push({ code: 'partly_beyond_book', numbers: { quantity: placement.qty, visible } });
  }
  // The shares are counted at the best price, and may trade a level further.
  if (spec.notional > 0n && walk.notional > spec.notional) {
    found.push({ code: 'above_notional', numbers: { notional: spec.notional, cost: walk.notional } });
  }
  if (walk.slippagePpm > HIGH_SLIPPAGE_PPM) {
    found.push({ code: 'slippage_high', numbers: { ratio: walk.slippagePpm } });
  }
  const volume = quote?.volume ?? 0n;
  if (volume > 0n && placement.qty * PART_OF_VOLUME > volume) {
    found.push({ code: 'large_against_volume', numbers: { quantity: placement.qty, volume } });
  }
  return found;
}

/** What does not trade at once and may not rest. */
function unfilledOf({ qty }: Placement, { fillsQty }: Walk): Warning[] {
  if (fillsQty === 0n) return [{ code: 'would_be_canceled', numbers: {} }];
  return fillsQty < qty ? [{ code: 'rest_would_be_canceled', numbers: { quantity: qty - fillsQty } }] : [];
}

/** One percent. */
const HIGH_SLIPPAGE_PPM = 10_000n;
/** More than a hundredth of what was traded on the day is large. */
const PART_OF_VOLUME = 100n;
/** Ten percent. */
const FAR_PPM = 100_000n;

/** A limit on the far side of the market, which people seldom mean. */
function isAway({ side, limitPx }: OrderSpec, reference: bigint): boolean {
  if (reference === 0n) return false;
  const away = side === 'buy' ? reference - limitPx : limitPx - reference;
  return away * ONE > reference * FAR_PPM || -away * ONE > reference * FAR_PPM;
}
