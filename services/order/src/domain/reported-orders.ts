import { afterRefusedReplacement, applyReport, type Misfit, type Report } from './life.ts';
import { type Order, type OrderLife, statusOf } from './order.ts';
import type { OrderEvent } from './order-event.ts';

/** The orders of a batch as they become, report by report. */
export class ReportedOrders {
  readonly events: OrderEvent[] = [];
  readonly #orders: Map<string, { order: Order; life: OrderLife }>;

  constructor(orders: readonly Order[]) {
    this.#orders = new Map(orders.map((order) => [order.id, { order, life: order.life }]));
  }

  find(id: string): Order | undefined {
    return this.#orders.get(id)?.order;
  }

  apply(order: Order, report: Report): Misfit | undefined {
    if (!isOf(order, report)) return 'other_order';
    const entry = this.#orders.get(order.id);
    if (entry === undefined) return undefined;
    const { life, misfit } = applyReport(entry.life, report);
    if (life === undefined) return misfit;
    entry.life = life;
    this.events.push(eventOf(order, life, report));
    if (report.type === 'replace_rejected') this.#keepReplaced(report);
    return misfit;
  }

  changed(): { id: string; life: OrderLife; before: Order }[] {
    const changed: { id: string; life: OrderLife; before: Order }[] = [];
    for (const { order, life } of this.#orders.values()) {
      if (life !== order.life) changed.push({ id: order.id, life, before: order });
    }
    return changed;
  }

  #keepReplaced({ replaces, atUs }: Report): void {
    const old = this.#orders.get(replaces ?? '');
    if (old !== undefined) old.life = afterRefusedReplacement(old.life, atUs);
  }
}

/** A refused cancel or replacement may not know the side. */
function isOf({ accountId, spec }: Order, report: Report): boolean {
  return accountId === report.accountId && spec.symbol === report.symbol;
}

function eventOf({ id, accountId, spec }: Order, life: OrderLife, report: Report): OrderEvent {
  return {
    orderId: id,
    accountId,
    symbol: spec.symbol,
    side: spec.side,
    kind: report.type,
    status: statusOf(life),
    lastQty: report.lastQty,
    lastPx: report.lastPx,
    cumQty: life.cumQty,
    leavesQty: life.leavesQty,
    reason: report.reason,
    liquidity: report.liquidity,
    tradeId: report.tradeId,
    execId: report.execId,
    actor: 'engine',
    actorId: '',
    occurredAtUs: report.atUs,
  };
}
