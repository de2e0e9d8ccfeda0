import { batch } from '@andvari/kit/base/batch';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import { awaiting, decideCancel } from '../domain/change.ts';
import type { Order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { insertEvents } from '../store/order-events.ts';
import { findOpenOrders, lockOrders } from '../store/read-orders.ts';
import { saveLives } from '../store/write-orders.ts';
import { type Actor, codeOf, isOf, requestEvent } from './change-request.ts';
import type { Deps } from './deps.ts';
import { refusalError } from './refusals.ts';
import { createReplacing } from './replacing.ts';
import { overloaded } from './save-placed.ts';

export interface CancelRequest {
  readonly orderId: string;
  /** Whose it must be; absent for who may cancel anybody's. */
  readonly userId: string | undefined;
  /** Of which account it must be; absent where nobody said. */
  readonly accountId: string | undefined;
  readonly actor: Actor;
}

export type ItemOutcome = { readonly order: Order } | { readonly order: Order; readonly refusal: Refusal };

const MAX_BATCH = 128;
const MAX_WAITING = 4000;
const MAX_CANCELS = 500;

/** Cancels and replacements: noted here, decided by the engine. */
export function createChanging(deps: Deps) {
  const { db, now, commit, commands, metrics } = deps;
  const cancelOne = batch(cancelAll, { maxBatch: MAX_BATCH, maxWaiting: MAX_WAITING, onFull: overloaded });

  return {
    async cancel(request: CancelRequest): Promise<Order> {
      const answer = await cancelOne(request);
      if (!isRefusal(answer)) return answer;
      metrics.refused.inc({ reason: answer.refused });
      throw refusalError(answer);
    },

    /** The oldest first, each answered for itself. */
    async cancelOpen(asked: {
      accountId: string;
      userId: string | undefined;
      symbol: string;
      actor: Actor;
    }): Promise<{ items: ItemOutcome[]; hasMore: boolean }> {
      const { accountId, userId, actor } = asked;
      const open = await findOpenOrders(db, { ...asked, limit: MAX_CANCELS + 1 });
      const items = await Promise.all(
        open.slice(0, MAX_CANCELS).map(async (order): Promise<ItemOutcome> => {
          const answer = await cancelOne({ orderId: order.id, userId, accountId, actor });
          return isRefusal(answer) ? { order, refusal: answer } : { order: answer };
        }),
      );
      return { items, hasMore: open.length > MAX_CANCELS };
    },

    replace: createReplacing(deps),
  };

  async function cancelAll(requests: CancelRequest[]): Promise<(Order | Refusal)[]> {
    const atUs = now();
    const answers = await commit(async (tx, say) => {
      const locked = await lockOrders(tx, [...new Set(requests.map(({ orderId }) => orderId))]);
      const orders = new Map(locked.map((order) => [order.id, order]));
      const changed: Order[] = [];
      const sent: OutgoingEvent[] = [];
      const events: OrderEvent[] = [];
      const decided = requests.map((request) => {
        const order = orders.get(request.orderId);
        if (order === undefined || !isOf(order, request)) return refuse('order_not_found', 'order_id');
        const decision = decideCancel(order, codeOf);
        if (decision === 'done') return order;
        if (decision !== 'send') return decision;
        const next = awaiting(order, 'cancel', atUs);
        orders.set(order.id, next);
        changed.push(next);
        sent.push(commands.cancel(next, request.actor.kind === 'operator'));
        events.push(requestEvent(next, 'cancel_requested', request.actor, atUs));
        return next;
      });
      await Promise.all([saveLives(tx, changed), insertEvents(tx, events)]);
      say(...sent);
      return { decided, changed };
    });
    metrics.changes.inc({ change: 'cancel' }, answers.changed.length);
    return answers.decided;
  }
}
