import { GroupKind, OrderType, Reason, Side, TimeInForce } from '../../src/domain/codes.ts';
import { MAX_NOTIONAL, MAX_PRICE, MAX_QTY, MAX_SIDE_QTY, type OrderTerms } from '../../src/domain/command.ts';
import { type Uuid } from '../../src/domain/uuid.ts';
import { continuous, isId, type Market, onGrid, openOn, other } from './market.ts';
import { partners } from './matching.ts';
import { create } from './placing.ts';

export function termsRefusal(
  market: Market,
  owner: { accountId: Uuid; userId: Uuid },
  terms: OrderTerms,
  exit: boolean,
): Reason {
  if (!market.defined) return Reason.unknown_symbol;
  if (!isId(owner.accountId) || !isId(owner.userId) || !isId(terms.orderId)) return Reason.malformed;
  if (market.ids.has(terms.orderId.d)) return Reason.duplicate_order_id;
  const codes = [Object.values(Side), Object.values(OrderType), Object.values(TimeInForce)] as number[][];
  const given = [terms.side, terms.type, terms.timeInForce];
  if (!given.every((code, i) => codes[i]!.includes(code))) return Reason.malformed;
  const { type, timeInForce: tif, postOnly } = terms;
  const rests = tif === TimeInForce.day || tif === TimeInForce.gtc;
  if (type >= OrderType.stop && (!rests || postOnly)) return Reason.unsupported_combination;
  if (postOnly && (type === OrderType.market || !rests)) return Reason.unsupported_combination;
  const numbers = numbersRefusal(market, terms);
  if (numbers !== Reason.none) return numbers;
  if (openOn(market, terms.side) + terms.qty > MAX_SIDE_QTY) return Reason.quantity_ceiling;
  if (market.splitting) return Reason.corporate_action;
  if (exit) return Reason.none;
  if ((tif === TimeInForce.ioc || tif === TimeInForce.fok) && !continuous(market)) {
    return market.halted ? Reason.halted : Reason.session_closed;
  }
  const crosses = continuous(market) && partners(market, create(market, terms, 0, 0, false)).length > 0;
  return postOnly && crosses ? Reason.post_only_would_cross : Reason.none;
}

export function numbersRefusal(
  market: Market,
  terms: Pick<
    OrderTerms,
    'type' | 'qty' | 'limitPrice' | 'stopPrice' | 'trailAmount' | 'trailPpm' | 'collarOffset' | 'side'
  >,
): Reason {
  const { type, qty, limitPrice, stopPrice, trailAmount, trailPpm, collarOffset } = terms;
  const limited = type === OrderType.limit || type === OrderType.stop_limit;
  if (!whole(qty, MAX_QTY)) return Reason.quantity_invalid;
  if (qty % market.lot !== 0) return Reason.quantity_off_lot;
  if (limited && !whole(limitPrice, MAX_PRICE)) return Reason.price_invalid;
  if (type === OrderType.market && !(whole(limitPrice, MAX_PRICE - market.tick) && limitPrice >= market.tickBelowOne))
    return Reason.price_invalid;
  if ((type === OrderType.stop || type === OrderType.trailing_stop) && !whole(collarOffset, MAX_PRICE))
    return Reason.price_invalid;
  if (limited && !onGrid(market, limitPrice)) return Reason.price_off_tick;
  if (type === OrderType.stop || type === OrderType.stop_limit) {
    if (!whole(stopPrice, MAX_PRICE)) return Reason.stop_price_invalid;
    if (!onGrid(market, stopPrice)) return Reason.price_off_tick;
  }
  if (type === OrderType.trailing_stop) {
    const amount = trailPpm === 0 && whole(trailAmount, MAX_PRICE);
    const percent = trailAmount === 0 && whole(trailPpm, 999_999);
    if (!amount && !percent) return Reason.trail_invalid;
    return Reason.none;
  }
  const price = type === OrderType.stop ? stopPrice : limitPrice;
  return BigInt(price) * BigInt(qty) > BigInt(MAX_NOTIONAL) ? Reason.notional_ceiling : Reason.none;
}

export function groupRefusal(market: Market, all: readonly OrderTerms[], group: GroupKind): Reason {
  if (!Object.values(GroupKind).includes(group)) return Reason.malformed;
  if (all.length !== (group === GroupKind.bracket ? 3 : 2)) return Reason.group_invalid;
  const exits = group === GroupKind.oco ? all : all.slice(1);
  const side = group === GroupKind.oco ? all[0]!.side : other(all[0]!.side);
  const good = exits.every(
    (exit) =>
      exit.side === side &&
      exit.qty === all[0]!.qty &&
      exit.timeInForce <= TimeInForce.gtc &&
      exit.type !== OrderType.market &&
      !exit.postOnly,
  );
  if (!good || new Set(all.map((terms) => terms.orderId.d)).size < all.length) return Reason.group_invalid;
  if (openOn(market, side) + exits.length * all[0]!.qty > MAX_SIDE_QTY) return Reason.quantity_ceiling;
  if (group === GroupKind.oto) return Reason.none;
  const [profit, stop] = exits as [OrderTerms, OrderTerms];
  if (profit.type !== OrderType.limit || stop.type < OrderType.stop) return Reason.group_invalid;
  if (stop.type === OrderType.trailing_stop) return Reason.none;
  const apart = side === Side.sell ? profit.limitPrice > stop.stopPrice : profit.limitPrice < stop.stopPrice;
  return apart ? Reason.none : Reason.group_invalid;
}

export function whole(n: number, max: number): boolean {
  return Number.isSafeInteger(n) && n > 0 && n <= max;
}
