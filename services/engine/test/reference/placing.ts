import { ExecType, GroupKind, OrderStatus, OrderType, Reason, Refused, Side } from '../../src/domain/codes.ts';
import { type OrderTerms } from '../../src/domain/command.ts';
import { type Uuid } from '../../src/domain/uuid.ts';
import { gridDown, gridUp, isLive, type Market, refuse, report, startStatus, type Working } from './market.ts';
import { enter } from './matching.ts';
import { groupRefusal, termsRefusal } from './refusals.ts';

export function place(
  market: Market,
  owner: { symbol: string; accountId: Uuid; userId: Uuid },
  all: readonly OrderTerms[],
  group: GroupKind | undefined,
): void {
  const isExit = (i: number) => group !== undefined && group !== GroupKind.oco && i > 0;
  let reasons = all.map((terms, i) => termsRefusal(market, owner.symbol, terms, isExit(i)));
  const bad = () => reasons.some((reason) => reason !== Reason.none);
  if (group !== undefined && !bad()) {
    const outcome = groupRefusal(market, all, group);
    reasons = all.map(() => outcome);
  }
  if (bad()) {
    all.forEach((terms, i) =>
      refuse(market, terms.orderId, reasons[i] === Reason.none ? Reason.group : reasons[i]!, Refused.place),
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
    market.used.add(order.id);
    report(market, order, ExecType.NEW);
  });
  orders.forEach((order, i) => {
    if (!isExit(i) && isLive(order)) enter(market, order);
  });
}

export function create(market: Market, terms: OrderTerms, account: number, user: number, grouped: boolean): Working {
  const collared = terms.side === Side.buy ? gridDown(market, terms.limitPrice) : gridUp(market, terms.limitPrice);
  const { orderId, ...rest } = terms;
  return {
    ...rest,
    id: orderId.d,
    account,
    user,
    price: terms.type === OrderType.market ? collared : terms.limitPrice,
    leaves: terms.qty,
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
