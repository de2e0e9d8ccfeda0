import type { OutgoingEvent } from '@andvari/kit/events/event';
import { awaiting, decideCancel, refuseInGroup } from '../domain/change.ts';
import { hasEnded, type Order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Commands } from '../messages/commands.ts';
import { orderPlacedEvent } from '../messages/events.ts';
import { type Actor, codeOf, isOf, requestEvent } from './change-request.ts';
import type { Capped } from './key-usage.ts';

export interface CancelRequest {
  readonly orderId: string;
  /** Whose it must be; absent for who may cancel anybody's. */
  readonly userId: string | undefined;
  /** Of which account it must be; absent where nobody said. */
  readonly accountId: string | undefined;
  readonly actor: Actor;
}

/** The new order, which names the one whose place it is to take, and who asked for it. */
export interface ToReplace extends Capped {
  readonly order: Order;
  readonly replaces: string;
  readonly actor: Actor;
}

/** What is asked of orders at the same moment, decided under their locks: a report may have come meanwhile. */
export class Changes {
  /** To be saved, each once. */
  readonly changed = new Map<string, Order>();
  readonly events: OrderEvent[] = [];
  readonly news: OutgoingEvent[] = [];
  readonly #orders: Map<string, Order>;
  readonly #offered = new Map<string, Order>();
  /** Of the groups that are changed, what may still trade and what is offered. */
  readonly #groupOrders: Order[];
  readonly #commands: Commands;
  readonly #atUs: bigint;

  constructor(locked: readonly Order[], groupOrders: readonly Order[], commands: Commands, atUs: bigint) {
    this.#orders = new Map(locked.map((order) => [order.id, order]));
    this.#groupOrders = [...groupOrders];
    this.#commands = commands;
    this.#atUs = atUs;
  }

  cancel(request: CancelRequest): Order | Refusal {
    const order = this.#orders.get(request.orderId);
    if (order === undefined || !isOf(order, request)) return refuse('order_not_found', 'order_id');
    const decision = decideCancel(order, codeOf);
    if (decision === 'done') return order;
    if (decision !== 'send') return decision;
    const next = awaiting(order, 'cancel', this.#atUs);
    this.#change(next, 'cancel_requested', request.actor);
    this.news.push(this.#commands.cancel(next, request.actor.kind === 'operator'));
    return next;
  }

  /** Whether the old order may still be replaced: by one at most, which fits what its siblings have come to since it was judged. */
  refuseReplacing({ order, replaces }: ToReplace): Refusal | undefined {
    const old = this.#offered.get(replaces) ?? this.#orders.get(replaces);
    if (old === undefined) return refuse('order_not_found', 'order_id');
    const decision = decideCancel(old, codeOf);
    if (decision === 'send') return refuseInGroup(order, this.#groupOrders);
    if (decision !== 'done') return decision;
    return refuse(hasEnded(old.life.status) ? 'too_late' : 'change_pending', '', { status: codeOf(old) });
  }

  /** It is to be replaced by this one and no other. Nothing changes before the new one has its place. */
  offer({ order, replaces }: ToReplace): void {
    const old = this.#orders.get(replaces);
    this.#groupOrders.push(order);
    if (old !== undefined) this.#offered.set(replaces, awaiting(old, 'replace', this.#atUs));
  }

  replace({ order, replaces, actor }: ToReplace): void {
    const pending = this.#offered.get(replaces);
    if (pending === undefined) throw new Error('an order is replaced that was not asked about');
    this.#change(pending, 'replace_requested', actor);
    this.news.push(orderPlacedEvent(order), this.#commands.replace(order));
  }

  /** As they are counted. */
  kinds(): ('cancel' | 'replace')[] {
    return this.events.map(({ kind }) => (kind === 'cancel_requested' ? 'cancel' : 'replace'));
  }

  #change(next: Order, kind: string, actor: Actor): void {
    this.#orders.set(next.id, next);
    this.changed.set(next.id, next);
    this.events.push(requestEvent(next, kind, actor, this.#atUs));
  }
}
