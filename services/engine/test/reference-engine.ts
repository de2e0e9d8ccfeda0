import {
  ExecType,
  GroupKind,
  Liquidity,
  OrderStatus,
  OrderType,
  Phase,
  Reason,
  Refused,
  Side,
  TimeInForce,
} from '../src/domain/codes.ts';
import {
  type Command,
  MAX_NOTIONAL,
  MAX_PRICE,
  MAX_QTY,
  MAX_SIDE_QTY,
  type OrderTerms,
} from '../src/domain/command.ts';
import type { Uuid } from '../src/domain/uuid.ts';

/**
 * The engine again, as the rules read: plain objects in one array, sorted and filtered anew for every question. It is
 * slow on purpose; the property tests hold the real one against it, report by report and level by level.
 */
export interface Row {
  execType: ExecType;
  order: number;
  status: OrderStatus;
  lastQty: number;
  lastPx: number;
  cum: number;
  leaves: number;
  avgPx: number;
  liquidity: Liquidity;
  trade: number | undefined;
  reason: Reason;
  refused: Refused;
  linked: number | undefined;
}

type Where = 'book' | 'stop' | 'trailing' | 'auction' | 'held' | 'nowhere';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Working extends Mutable<Omit<OrderTerms, 'orderId'>> {
  id: number;
  account: number;
  user: number;
  price: number;
  leaves: number;
  cum: number;
  value: bigint;
  status: OrderStatus;
  where: Where;
  arrival: number;
  highWater: number;
  house: boolean;
  triggered: boolean;
  grouped: boolean;
  sibling?: Working | undefined;
  entry?: Working | undefined;
  exits: Working[];
}

export class ReferenceEngine {
  orders: Working[] = [];
  used = new Set<number>();
  rows: Row[] = [];
  agenda: (() => void)[] = [];
  defined = false;
  tick = 1;
  lot = 1;
  phase: Phase = Phase.closed;
  halted = false;
  mark = 0;
  arrivals = 0;
  trades = 0;
  refusal: Reason = Reason.none;

  apply(command: Command): Row[] {
    this.rows = [];
    this.trades = 0;
    this.refusal = Reason.none;
    this.dispatch(command);
    while (this.agenda.length > 0) this.agenda.shift()!();
    this.orders = this.orders.filter((order) => this.isLive(order));
    return this.rows;
  }

  /** [price, quantity, orders] per level, best first. */
  levels(side: Side): [number, number, number][] {
    const result: [number, number, number][] = [];
    for (const order of this.queue(side)) {
      const last = result.at(-1);
      if (last !== undefined && last[0] === order.price) {
        last[1] += order.leaves;
        last[2]++;
      } else {
        result.push([order.price, order.leaves, 1]);
      }
    }
    return result;
  }

  private dispatch(command: Command): void {
    switch (command.kind) {
      case 'define_instrument':
        if (command.tick <= 0 || command.lot <= 0) return this.refuseCommand(Reason.instrument_invalid);
        this.defined = true;
        this.tick = command.tick;
        this.lot = command.lot;
        return;
      case 'place':
        return this.place(command, [command], undefined);
      case 'place_group':
        return this.place(command, command.orders, command.group);
      case 'cancel': {
        const order = this.find(command);
        if (order === undefined) return this.refuse(command.orderId, this.missing(command.orderId), Refused.cancel);
        return this.end(order, OrderStatus.canceled, Reason.user_requested);
      }
      case 'replace':
        return this.replace(command);
      case 'quote':
        return this.quote(command);
      case 'set_phase':
        return this.setPhase(command.phase);
      case 'set_halt': {
        if (!this.defined) return this.refuseCommand(Reason.unknown_symbol);
        const resumes = this.halted && !command.halted;
        this.halted = command.halted;
        if (resumes && this.phase === Phase.open) this.openTrading();
        return;
      }
      case 'expire_day':
        if (!this.defined) return this.refuseCommand(Reason.unknown_symbol);
        for (const order of this.byArrival(this.orders)) {
          if (this.isLive(order) && order.timeInForce === TimeInForce.day)
            this.end(order, OrderStatus.expired, Reason.day_end);
        }
        return;
    }
  }

  // Entering

  private place(
    owner: { symbol: string; accountId: Uuid; userId: Uuid },
    all: readonly OrderTerms[],
    group: GroupKind | undefined,
  ): void {
    const isExit = (i: number) => group !== undefined && group !== GroupKind.oco && i > 0;
    let reasons = all.map((terms, i) => this.refusal1(owner.symbol, terms, isExit(i)));
    const bad = () => reasons.some((reason) => reason !== Reason.none);
    if (group !== undefined && !bad()) {
      const outcome = this.groupRefusal(all, group);
      reasons = all.map(() => outcome);
    }
    if (bad()) {
      all.forEach((terms, i) =>
        this.refuse(terms.orderId, reasons[i] === Reason.none ? Reason.group : reasons[i]!, Refused.place),
      );
      return;
    }
    const orders = all.map((terms) => this.create(terms, owner.accountId.d, owner.userId.d, group !== undefined));
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
      order.status = isExit(i) ? OrderStatus.held : this.startStatus(order);
      order.arrival = ++this.arrivals;
      this.orders.push(order);
      this.used.add(order.id);
      this.report(order, ExecType.NEW);
    });
    orders.forEach((order, i) => {
      if (!isExit(i) && this.isLive(order)) this.enter(order);
    });
  }

  private create(terms: OrderTerms, account: number, user: number, grouped: boolean): Working {
    const collared = terms.side === Side.buy ? this.down(terms.limitPrice) : this.up(terms.limitPrice);
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

  private enter(order: Working): void {
    if (order.type >= OrderType.stop && !order.triggered) return this.waitForTrigger(order);
    if (order.timeInForce >= TimeInForce.opg) {
      order.where = 'auction';
      return;
    }
    if (this.continuous()) this.execute(order);
    else this.stand(order);
  }

  private execute(order: Working): void {
    if (order.timeInForce === TimeInForce.fok && !this.fillable(order)) {
      return this.end(order, OrderStatus.canceled, Reason.fok_unfillable);
    }
    for (;;) {
      const maker = this.partners(order)[0];
      if (maker === undefined || order.leaves === 0) break;
      if (maker.user === order.user) return this.end(order, OrderStatus.canceled, Reason.self_trade);
      this.trade(maker, order, Math.min(maker.leaves, order.leaves), maker.price);
      this.show(maker.price);
    }
    if (order.leaves === 0) return;
    if (order.type === OrderType.market) {
      const empty = this.queue(other(order.side)).length === 0;
      return this.end(order, OrderStatus.canceled, empty ? Reason.no_liquidity : Reason.collar);
    }
    if (order.timeInForce === TimeInForce.ioc) return this.end(order, OrderStatus.canceled, Reason.ioc_remainder);
    this.stand(order);
  }

  private stand(order: Working): void {
    order.where = 'book';
    order.arrival = ++this.arrivals;
  }

  private fillable(order: Working): boolean {
    let left = order.leaves;
    for (const maker of this.partners(order)) {
      if (left <= 0) break;
      if (maker.user === order.user) return false;
      left -= maker.leaves;
    }
    return left <= 0;
  }

  private partners(order: Working): Working[] {
    return this.queue(other(order.side)).filter((maker) =>
      order.side === Side.buy ? maker.price <= order.price : maker.price >= order.price,
    );
  }

  private trade(maker: Working, taker: Working, qty: number, price: number): void {
    for (const order of [maker, taker]) {
      order.leaves -= qty;
      order.cum += qty;
      order.value += BigInt(price) * BigInt(qty);
      order.status = order.leaves === 0 ? OrderStatus.filled : OrderStatus.partially_filled;
    }
    const fill = { lastQty: qty, lastPx: price, trade: this.trades++ };
    this.report(maker, ExecType.FILL, Reason.none, { ...fill, liquidity: Liquidity.maker });
    this.report(taker, ExecType.FILL, Reason.none, { ...fill, liquidity: Liquidity.taker });
    for (const order of [maker, taker]) {
      if (order.leaves === 0) {
        order.where = 'nowhere';
        if (order.exits.length > 0) this.agenda.push(() => this.activate(order));
      }
      const sibling = order.sibling;
      if (sibling === undefined) continue;
      sibling.leaves -= qty;
      sibling.qty -= qty;
      if (sibling.leaves > 0) {
        this.report(sibling, ExecType.RESTATED, Reason.sibling_filled);
      } else {
        this.cut(order);
        this.end(sibling, OrderStatus.canceled, Reason.group);
      }
    }
  }

  // Stops

  private show(price: number): void {
    this.mark = price;
    if (!this.continuous()) return;
    for (const side of [Side.buy, Side.sell]) {
      const sign = side === Side.buy ? 1 : -1;
      const waiting = this.byArrival(this.orders.filter((order) => order.where === 'stop' && order.side === side));
      for (const order of waiting.toSorted((a, b) => (a.stopPrice - b.stopPrice) * sign)) {
        if (order.stopPrice * sign <= price * sign) this.trigger(order, price);
      }
    }
    for (const order of this.byArrival(this.orders.filter((one) => one.where === 'trailing'))) {
      const better = order.side === Side.buy ? price < order.highWater : price > order.highWater;
      if (better || order.highWater === 0) order.highWater = price;
      if (this.trailed(order, price)) this.trigger(order, price);
    }
  }

  private waitForTrigger(order: Working): void {
    const live = this.continuous() && this.mark > 0;
    if (order.type === OrderType.trailing_stop) {
      order.where = 'trailing';
      if (live && order.highWater === 0) order.highWater = this.mark;
      if (live && this.trailed(order, this.mark)) this.trigger(order, this.mark);
      return;
    }
    order.where = 'stop';
    const beyond = order.side === Side.buy ? this.mark >= order.stopPrice : this.mark <= order.stopPrice;
    if (live && beyond) this.trigger(order, this.mark);
  }

  private trailed(order: Working, price: number): boolean {
    const percent = Number((BigInt(order.highWater) * BigInt(order.trailPpm)) / 1_000_000n);
    const trail = order.trailAmount > 0 ? order.trailAmount : Math.max(1, percent);
    return order.side === Side.buy ? price >= order.highWater + trail : price <= order.highWater - trail;
  }

  private trigger(order: Working, price: number): void {
    order.where = 'nowhere';
    order.triggered = true;
    order.status = order.cum > 0 ? OrderStatus.partially_filled : OrderStatus.new;
    if (order.type !== OrderType.stop_limit) {
      const { collarOffset } = order;
      order.price =
        order.side === Side.buy
          ? this.down(Math.min(price + collarOffset, MAX_PRICE))
          : this.up(Math.max(price - collarOffset, 1));
    }
    this.report(order, ExecType.TRIGGERED);
    if (order.price * order.leaves > MAX_NOTIONAL)
      return this.end(order, OrderStatus.canceled, Reason.notional_ceiling);
    this.agenda.push(() => {
      if (this.isLive(order)) this.execute(order);
    });
  }

  // Groups

  private activate(entry: Working): void {
    const exits = entry.exits;
    entry.exits = [];
    for (const exit of exits) {
      exit.entry = undefined;
      exit.qty = entry.cum;
      exit.leaves = entry.cum;
      exit.where = 'nowhere';
      exit.arrival = ++this.arrivals;
      exit.status = this.startStatus(exit);
      this.report(exit, ExecType.RESTATED, Reason.entry_done);
    }
    for (const exit of exits) if (this.isLive(exit)) this.enter(exit);
  }

  private end(order: Working, status: OrderStatus, reason: Reason): void {
    order.status = status;
    order.leaves = 0;
    order.where = 'nowhere';
    if (order.house) return;
    this.report(order, status === OrderStatus.expired ? ExecType.EXPIRED : ExecType.CANCELED, reason);
    if (order.exits.length > 0) {
      if (order.cum > 0) {
        this.agenda.push(() => this.activate(order));
        return;
      }
      const exits = order.exits;
      order.exits = [];
      for (const exit of exits) {
        exit.entry = undefined;
        exit.sibling = undefined;
      }
      for (const exit of exits) this.end(exit, OrderStatus.canceled, Reason.group);
      return;
    }
    const { sibling, entry } = order;
    this.cut(order);
    if (reason === Reason.self_trade || reason === Reason.notional_ceiling) return;
    if (sibling !== undefined) this.end(sibling, OrderStatus.canceled, Reason.group);
    if (entry !== undefined && this.isLive(entry)) this.end(entry, OrderStatus.canceled, Reason.group);
  }

  private cut(leg: Working): void {
    for (const order of [leg, leg.sibling]) {
      if (order === undefined) continue;
      if (order.entry !== undefined) order.entry.exits = [];
      order.entry = undefined;
    }
    if (leg.sibling !== undefined) leg.sibling.sibling = undefined;
    leg.sibling = undefined;
  }

  // Replace

  private replace(command: Extract<Command, { kind: 'replace' }>): void {
    const old = this.find(command);
    const reason = this.replaceRefusal(command, old);
    if (old === undefined || reason !== Reason.none) {
      return this.refuse(command.newOrderId, reason, Refused.replace, command.orderId.d);
    }
    const working = old.triggered ? OrderType.limit : old.type;
    const limited = working === OrderType.limit || working === OrderType.stop_limit;
    const trailing = working === OrderType.trailing_stop;
    const heir: Working = {
      ...old,
      id: command.newOrderId.d,
      price: limited ? command.limitPrice : old.price,
      stopPrice: working === OrderType.stop || working === OrderType.stop_limit ? command.stopPrice : old.stopPrice,
      trailAmount: trailing ? command.trailAmount : old.trailAmount,
      trailPpm: trailing ? command.trailPpm : old.trailPpm,
      qty: Math.max(command.qty, old.cum),
    };
    heir.leaves = heir.qty - heir.cum;
    const terms = ['price', 'stopPrice', 'trailAmount', 'trailPpm'] as const;
    const stays = heir.leaves > 0 && heir.qty <= old.qty && terms.every((name) => heir[name] === old[name]);
    if (heir.sibling !== undefined) heir.sibling.sibling = heir;
    if (heir.entry !== undefined) heir.entry.exits = heir.entry.exits.map((exit) => (exit === old ? heir : exit));
    for (const exit of heir.exits) exit.entry = heir;
    old.sibling = undefined;
    old.entry = undefined;
    old.exits = [];
    old.leaves = 0;
    old.where = 'nowhere';
    old.status = OrderStatus.replaced;
    this.orders.push(heir);
    this.used.add(heir.id);
    const from = heir.where;
    if (!stays) heir.arrival = ++this.arrivals;
    if (heir.leaves === 0) heir.status = OrderStatus.filled;
    else if (!stays && from !== 'held')
      heir.status = heir.cum > 0 ? OrderStatus.partially_filled : this.startStatus(heir);
    this.report(old, ExecType.REPLACED, Reason.none, { linked: heir.id });
    this.report(heir, ExecType.NEW, Reason.none, { linked: old.id });
    if (stays || from === 'held' || heir.leaves === 0) return;
    if (from === 'book' && heir.timeInForce >= TimeInForce.opg) return this.stand(heir);
    heir.where = 'nowhere';
    this.enter(heir);
  }

  private replaceRefusal(command: Extract<Command, { kind: 'replace' }>, old: Working | undefined): Reason {
    if (!this.defined || command.symbol !== 'ACME') return Reason.unknown_symbol;
    if (this.used.has(command.newOrderId.d)) return Reason.duplicate_order_id;
    if (old === undefined) return this.missing(command.orderId);
    if (old.type === OrderType.market) return Reason.not_replaceable;
    if (old.triggered && old.type !== OrderType.stop_limit) return Reason.not_replaceable;
    const type = old.triggered ? OrderType.limit : old.type;
    const numbers = this.numbersRefusal({ ...command, type, collarOffset: old.collarOffset, side: old.side });
    if (numbers !== Reason.none) return numbers;
    if (old.grouped && command.qty !== old.qty) return Reason.group_quantity_fixed;
    if (this.open(old.side) + command.qty - old.qty > MAX_SIDE_QTY) return Reason.quantity_ceiling;
    const moves = old.postOnly && command.limitPrice !== old.price && old.where === 'book' && this.continuous();
    const crosses = this.partners({ ...old, price: command.limitPrice }).length > 0;
    return moves && crosses ? Reason.post_only_would_cross : Reason.none;
  }

  // House, sessions, auctions

  private quote(command: Extract<Command, { kind: 'quote' }>): void {
    if (!this.defined || command.symbol !== 'ACME') return this.refuseCommand(Reason.unknown_symbol);
    const { bids, asks, reference } = command;
    const good = [...bids, ...asks].every(
      ({ price, qty }) =>
        whole(price, MAX_PRICE) &&
        whole(qty, MAX_QTY) &&
        price % this.tick === 0 &&
        qty % this.lot === 0 &&
        price * qty <= MAX_NOTIONAL,
    );
    const ladder = [...asks.map(({ price }) => price).toReversed(), ...bids.map(({ price }) => price)];
    if ((reference !== 0 && !whole(reference, MAX_PRICE)) || !good || !falling(ladder))
      return this.refuseCommand(Reason.quote_invalid);
    const sum = (side: Side, list: typeof bids) => list.reduce((total, level) => total + level.qty, this.open(side));
    if (Math.max(sum(Side.buy, bids), sum(Side.sell, asks)) > MAX_SIDE_QTY)
      return this.refuseCommand(Reason.quantity_ceiling);
    for (const order of this.orders) if (order.house) this.end(order, OrderStatus.canceled, Reason.none);
    const place = (side: Side, level: { price: number; qty: number }) => {
      const order = this.create(
        {
          orderId: { a: 0, b: 0, c: 0, d: -1 },
          side,
          type: OrderType.limit,
          timeInForce: TimeInForce.gtc,
          postOnly: false,
          qty: level.qty,
          limitPrice: level.price,
          stopPrice: 0,
          trailAmount: 0,
          trailPpm: 0,
          collarOffset: 0,
        },
        command.accountId.d,
        command.userId.d,
        false,
      );
      order.house = true;
      order.arrival = ++this.arrivals;
      this.orders.push(order);
      this.enter(order);
    };
    for (const level of bids) place(Side.buy, level);
    for (const level of asks) place(Side.sell, level);
    if (reference > 0) this.show(reference);
  }

  private setPhase(phase: Phase): void {
    if (!this.defined) return this.refuseCommand(Reason.unknown_symbol);
    const from = this.phase;
    if (from === phase) return;
    this.phase = phase;
    if (phase === Phase.open) {
      this.call(TimeInForce.opg);
      if (!this.halted) this.openTrading();
    }
    if (phase === Phase.closing || (phase === Phase.closed && from === Phase.open)) this.call(TimeInForce.cls);
    if (phase === Phase.closed && from !== Phase.pre_open) {
      const price = this.halted ? 0 : this.auction();
      if (price > 0) this.mark = price;
      this.endLeftovers();
    }
  }

  private call(timeInForce: TimeInForce): void {
    for (const order of this.byArrival(this.orders)) {
      if (order.where !== 'auction' || order.timeInForce !== timeInForce) continue;
      this.stand(order);
    }
  }

  private openTrading(): void {
    const price = this.auction();
    this.endLeftovers();
    for (const order of this.byArrival(this.orders)) {
      if (order.where !== 'book' || order.status !== OrderStatus.accepted) continue;
      order.status = OrderStatus.new;
      this.report(order, ExecType.RESTATED, Reason.session_open);
    }
    this.show(price > 0 ? price : this.mark);
  }

  private endLeftovers(): void {
    for (const order of this.byArrival(this.orders)) {
      if (order.where !== 'book') continue;
      if (order.timeInForce >= TimeInForce.opg) this.end(order, OrderStatus.expired, Reason.auction_remainder);
      else if (order.type === OrderType.market) this.end(order, OrderStatus.canceled, Reason.auction_remainder);
    }
  }

  private auction(): number {
    let last = 0;
    for (;;) {
      const [bid, ask] = [this.queue(Side.buy)[0], this.queue(Side.sell)[0]];
      if (bid === undefined || ask === undefined || bid.price < ask.price) return last;
      const price = this.clearingPrice(ask.price, bid.price);
      const self = this.selfTrade(price);
      if (self !== undefined) {
        this.end(self, OrderStatus.canceled, Reason.self_trade);
        continue;
      }
      last = price;
      for (;;) {
        const pair = [...this.eligible(Side.buy, price).slice(0, 1), ...this.eligible(Side.sell, price).slice(0, 1)];
        if (pair.length < 2 || pair[0]!.user === pair[1]!.user) break;
        const [maker, taker] = this.byArrival(pair) as [Working, Working];
        this.trade(maker, taker, Math.min(maker.leaves, taker.leaves), price);
      }
    }
  }

  private clearingPrice(low: number, high: number): number {
    let best = { price: 0, volume: -1, imbalance: 0, distance: 0 };
    for (let price = low; price <= high; price++) {
      const ordered = this.orders.some((order) => order.where === 'book' && order.price === price);
      if (price % this.tick !== 0 && !ordered) continue;
      const total = (side: Side) => this.eligible(side, price).reduce((sum, order) => sum + order.leaves, 0);
      const [demand, supply] = [total(Side.buy), total(Side.sell)];
      const next = {
        price,
        volume: Math.min(demand, supply),
        imbalance: Math.abs(demand - supply),
        distance: Math.abs(price - this.mark),
      };
      const order = next.volume - best.volume || best.imbalance - next.imbalance || best.distance - next.distance;
      if (order > 0) best = next;
    }
    return best.price;
  }

  private selfTrade(price: number): Working | undefined {
    const [bids, asks] = [Side.buy, Side.sell].map((side) =>
      this.eligible(side, price).map((order) => ({ order, left: order.leaves })),
    );
    while (bids!.length > 0 && asks!.length > 0) {
      const [bid, ask] = [bids![0]!, asks![0]!];
      if (bid.order.user === ask.order.user) return bid.order.arrival > ask.order.arrival ? bid.order : ask.order;
      const qty = Math.min(bid.left, ask.left);
      bid.left -= qty;
      ask.left -= qty;
      if (bid.left === 0) bids!.shift();
      if (ask.left === 0) asks!.shift();
    }
    return undefined;
  }

  private eligible(side: Side, price: number): Working[] {
    return this.queue(side).filter((order) => (side === Side.buy ? order.price >= price : order.price <= price));
  }

  // Refusals

  private refusal1(symbol: string, terms: OrderTerms, exit: boolean): Reason {
    if (!this.defined || symbol !== 'ACME') return Reason.unknown_symbol;
    if (this.used.has(terms.orderId.d)) return Reason.duplicate_order_id;
    const { type, timeInForce: tif, postOnly } = terms;
    const rests = tif === TimeInForce.day || tif === TimeInForce.gtc;
    if (type >= OrderType.stop && (!rests || postOnly)) return Reason.unsupported_combination;
    if (postOnly && (type === OrderType.market || !rests)) return Reason.unsupported_combination;
    const numbers = this.numbersRefusal(terms);
    if (numbers !== Reason.none) return numbers;
    if (this.open(terms.side) + terms.qty > MAX_SIDE_QTY) return Reason.quantity_ceiling;
    if (exit) return Reason.none;
    if ((tif === TimeInForce.ioc || tif === TimeInForce.fok) && !this.continuous()) {
      return this.halted ? Reason.halted : Reason.session_closed;
    }
    const crosses = this.continuous() && this.partners(this.create(terms, 0, 0, false)).length > 0;
    return postOnly && crosses ? Reason.post_only_would_cross : Reason.none;
  }

  private numbersRefusal(
    terms: Pick<
      OrderTerms,
      'type' | 'qty' | 'limitPrice' | 'stopPrice' | 'trailAmount' | 'trailPpm' | 'collarOffset' | 'side'
    >,
  ): Reason {
    const { type, qty, limitPrice, stopPrice, trailAmount, trailPpm, collarOffset } = terms;
    const limited = type === OrderType.limit || type === OrderType.stop_limit;
    if (!whole(qty, MAX_QTY)) return Reason.quantity_invalid;
    if (qty % this.lot !== 0) return Reason.quantity_off_lot;
    if (limited && !whole(limitPrice, MAX_PRICE)) return Reason.price_invalid;
    if (type === OrderType.market && !(whole(limitPrice, MAX_PRICE - this.tick) && limitPrice >= this.tick))
      return Reason.price_invalid;
    if ((type === OrderType.stop || type === OrderType.trailing_stop) && !whole(collarOffset, MAX_PRICE))
      return Reason.price_invalid;
    if (limited && limitPrice % this.tick !== 0) return Reason.price_off_tick;
    if (type === OrderType.stop || type === OrderType.stop_limit) {
      if (!whole(stopPrice, MAX_PRICE)) return Reason.stop_price_invalid;
      if (stopPrice % this.tick !== 0) return Reason.price_off_tick;
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

  private groupRefusal(all: readonly OrderTerms[], group: GroupKind): Reason {
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
    if (this.open(side) + exits.length * all[0]!.qty > MAX_SIDE_QTY) return Reason.quantity_ceiling;
    if (group === GroupKind.oto) return Reason.none;
    const [profit, stop] = exits as [OrderTerms, OrderTerms];
    if (profit.type !== OrderType.limit || stop.type < OrderType.stop) return Reason.group_invalid;
    if (stop.type === OrderType.trailing_stop) return Reason.none;
    const apart = side === Side.sell ? profit.limitPrice > stop.stopPrice : profit.limitPrice < stop.stopPrice;
    return apart ? Reason.none : Reason.group_invalid;
  }

  private refuseCommand(reason: Reason): void {
    this.refusal = reason;
  }

  private refuse(orderId: Uuid, reason: Reason, refused: Refused, linked?: number): void {
    this.rows.push({
      execType: ExecType.REJECTED,
      order: orderId.d,
      status: OrderStatus.rejected,
      lastQty: 0,
      lastPx: 0,
      cum: 0,
      leaves: 0,
      avgPx: 0,
      liquidity: Liquidity.none,
      trade: undefined,
      reason,
      refused,
      linked,
    });
  }

  // Looking

  private report(order: Working, execType: ExecType, reason: Reason = Reason.none, extra: Partial<Row> = {}): void {
    const { id, status, cum, leaves } = order;
    this.rows.push({
      execType,
      order: order.house ? -1 : id,
      status,
      lastQty: 0,
      lastPx: 0,
      cum,
      leaves,
      avgPx: roundHalfEven(order.value, BigInt(cum)),
      liquidity: Liquidity.none,
      trade: undefined,
      reason,
      refused: Refused.nothing,
      linked: undefined,
      ...extra,
    });
  }

  private queue(side: Side): Working[] {
    const sign = side === Side.buy ? -1 : 1;
    const standing = this.byArrival(this.orders.filter((order) => order.where === 'book' && order.side === side));
    return standing.toSorted((a, b) => (a.price - b.price) * sign);
  }

  private byArrival(orders: Working[]): Working[] {
    return orders.toSorted((a, b) => a.arrival - b.arrival);
  }

  private find(command: { symbol: string; accountId: Uuid; orderId: Uuid }): Working | undefined {
    if (command.symbol !== 'ACME') return undefined;
    return this.orders.find(
      (order) => !order.house && order.id === command.orderId.d && order.account === command.accountId.d,
    );
  }

  private missing(orderId: Uuid): Reason {
    const live = this.orders.some((order) => order.id === orderId.d);
    return this.used.has(orderId.d) && !live ? Reason.too_late : Reason.unknown_order;
  }

  private isLive(order: Working): boolean {
    return order.status <= OrderStatus.partially_filled;
  }

  private continuous(): boolean {
    return this.phase === Phase.open && !this.halted;
  }

  private startStatus(order: Working): OrderStatus {
    const stops = order.type >= OrderType.stop && !order.triggered;
    const waits = stops || order.timeInForce >= TimeInForce.opg || !this.continuous();
    return waits ? OrderStatus.accepted : OrderStatus.new;
  }

  private open(side: Side): number {
    return this.orders.filter((order) => order.side === side).reduce((sum, order) => sum + order.leaves, 0);
  }

  private down(price: number): number {
    return Math.max(this.tick, price - (price % this.tick));
  }

  private up(price: number): number {
    return price % this.tick === 0 ? price : Math.max(this.tick, price - (price % this.tick) + this.tick);
  }
}

function other(side: Side): Side {
  return side === Side.buy ? Side.sell : Side.buy;
}

function roundHalfEven(value: bigint, by: bigint): number {
  if (by === 0n) return 0;
  const [quotient, twice] = [value / by, (value % by) * 2n];
  const up = twice > by || (twice === by && quotient % 2n === 1n);
  return Number(up ? quotient + 1n : quotient);
}

function whole(n: number, max: number): boolean {
  return Number.isSafeInteger(n) && n > 0 && n <= max;
}

function falling(list: readonly number[]): boolean {
  return list.every((price, i) => i === 0 || price < list[i - 1]!);
}
