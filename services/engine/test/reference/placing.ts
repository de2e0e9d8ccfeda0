import { ExecType, GroupKind, OrderStatus, OrderType, Reason, Refused, Side } from '../../src/domain/codes.ts';
import { type OrderTerms } from '../../src/domain/command.ts';
import { type Uuid } from '../../src/domain/uuid.ts';
import {
  gridDown,
  gridUp,
  isLive,
  type Market,
  refuse,
  refuseCommand,
  report,
  startStatus,
  type Working,
} from './market.ts';
import { enter } from './matching.ts';
import { groupRefusal, termsRefusal } from './refusals.ts';

export function place(
  market: Market,
  owner: { accountId: Uuid; userId: Uuid },
  all: readonly OrderTerms[],
  group: GroupKind | undefined,
): void {
  if (all.length === 0) return refuseCommand(market, Reason.group_invalid);
  const isExit = (i: number) => group !== undefined && group !== GroupKind.oco && i > 0;
  let reasons = all.map((terms, i) => termsRefusal(market, owner, terms, isExit(i)));
  const bad = () => reasons.some((reason) => reason !== Reason.none);
  if (group !== undefined && !bad()) {
    const outcome = groupRefusal(market, all, group);
    reasons = all.map(() => outcome);
  }
  if (bad()) {
    all.forEach((terms, i) =>
      refuse(market, owner, terms.orderId, reasons[i] === Reason.none ? Reason.group : reasons[i]!, {
        side: terms.side,
        refused: Refused.place,
      }),
    );
    return;
  }
  const orders = all.map((terms) => create(market, terms, owner.accountId.d, owner.userId.d, group !== undefined));
  const exits = group === undefined ? [] : group === GroupKind.oco ? orders : orders.slice(1);
  if (exits.length === 2) {
    exits[0]!.sibling = exits[1]!;
    exits[1]!.sibling = exits[0]!;
  }
  orders.forEach((order, i) => {
    if (isExit(i)) {
      order.entry = orders[0]!;
      orders[0]!.exits.push(order);
      order.where = 'held';
    }
    order.status = isExit(i) ? OrderStatus.held : startStatus(market, order);
    order.arrival = ++market.arrivals;
    market.orders.push(order);
    market.ids.set(order.id, order);
    report(market, order, ExecType.NEW);
  });
  orders.forEach((order, i) => {
    if (!isExit(i) && isLive(order)) enter(market, order);
  });
}

export function create(market: Market, terms: OrderTerms, account: number, user: number, grouped: boolean): Working {
  const { type, side, timeInForce, postOnly, qty } = terms;
  const onlyFor = (types: readonly OrderType[], value: number) => (types.includes(type) ? value : 0);
  const { market: atMarket, limit, stop, stop_limit, trailing_stop } = OrderType;
  const collared = side === Side.buy ? gridDown(market, terms.limitPrice) : gridUp(market, terms.limitPrice);
  const limitPrice = onlyFor([limit, stop_limit], terms.limitPrice);
  return {
    type,
    side,
    timeInForce,
    postOnly,
    qty,
    limitPrice,
    stopPrice: onlyFor([stop, stop_limit], terms.stopPrice),
    trailAmount: onlyFor([trailing_stop], terms.trailAmount),
    trailPpm: onlyFor([trailing_stop], terms.trailPpm),
    collarOffset: onlyFor([stop, trailing_stop], terms.collarOffset),
    id: terms.orderId.d,
    account,
    user,
    price: type === atMarket ? collared : limitPrice,
    leaves: qty,
    cum: 0,
    value: 0n,
    status: OrderStatus.new,
    where: 'nowhere',
    arrival: 0,
    highWater: 0,
    house: false,
    triggered: false,
    grouped,
    exits: [],
  };
}
