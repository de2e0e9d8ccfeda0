import { batch } from '@andvari/kit/base/batch';
import { awaiting, type Change, decideCancel, judgeReplacement } from '../domain/change.ts';
import { worstPrice } from '../domain/judge-order.ts';
import { newOrder } from '../domain/new-order.ts';
import { hasEnded, type Order, sameSpec, statusOf } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { statusTo } from '../messages/codes.ts';
import { orderPlacedEvent } from '../messages/events.ts';
import { insertEvents } from '../store/order-events.ts';
import { findOpenOrders, findOrderOrFence, lockOrders } from '../store/read-orders.ts';
import { insertOrders, saveLives } from '../store/write-orders.ts';
import type { Deps } from './deps.ts';
import { orderIdOf } from './order-id.ts';
import { refusalError } from './refusals.ts';
import { overloaded } from './save-placed.ts';

/** Who asks for a change, as the history shows it. */
export interface Actor {
  readonly kind: 'user' | 'api_key' | 'operator' | 'service';
  readonly id: string;
}

export interface CancelRequest {
  readonly orderId: string;
  /** Whose it must be; absent for who may cancel anybody's. */
  readonly userId: string | undefined;
  /** Of which account it must be; absent where nobody said. */
  readonly accountId: string | undefined;
  readonly actor: Actor;
}

export interface ReplaceRequest {
  readonly orderId: string;
  readonly accountId: string;
  readonly userId: string;
  readonly clientOrderId: string;
  readonly change: Change;
  readonly actor: Actor;
  readonly apiKeyId: string | undefined;
}

export type ItemOutcome = { readonly order: Order } | { readonly order: Order; readonly refusal: Refusal };

const MAX_BATCH = 128;
const MAX_WAITING = 4000;
const MAX_CANCELS = 500;

/** Cancels and replacements: noted here, decided by the engine. */
export function createChanging(deps: Deps) {
  const { db, now, commit, commands, market, portfolio, collars, metrics } = deps;
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

    replace,
  };

  async function cancelAll(requests: CancelRequest[]): Promise<(Order | Refusal)[]> {
    const atUs = now();
    const answers = await commit(async (tx, say) => {
      const locked = await lockOrders(tx, [...new Set(requests.map(({ orderId }) => orderId))]);
      const orders = new Map(locked.map((order) => [order.id, order]));
      const changed: Order[] = [];
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
        events.push(requestEvent(next, 'cancel_requested', request.actor, atUs));
        return next;
      });
      await saveLives(tx, changed);
      await insertEvents(tx, events);
      say(...changed.map((order) => commands.cancel(order)));
      return { decided, changed };
    });
    metrics.changes.inc({ change: 'cancel' }, answers.changed.length);
    return answers.decided;
  }

  /** A new order takes the old one's place once the engine says so; until then both hold the larger of what they need. */
  async function replace(request: ReplaceRequest): Promise<Order> {
    const { orderId, accountId, userId, clientOrderId, change, apiKeyId } = request;
    const old = await findOrderOrFence(db, orderId);
    if (old === undefined || old === 'fenced' || !isOf(old, request))
      throw refused(refuse('order_not_found', 'order_id'));
    const id = orderIdOf(accountId, clientOrderId);
    const nowUs = now();
    const judged = judgeReplacement(old, change, { ...market.of(old.spec.symbol), nowUs }, collars, codeOf);
    if (isRefusal(judged)) return (await replacedBefore(id, request)) ?? fail(judged);
    const { spec, placement } = judged;
    const { qty, asset, principal: amount } = placement;
    const { symbol, side } = spec;
    const limitPx = worstPrice(spec, placement);
    const reservation = { orderId: id, accountId, symbol, side, qty, asset, amount, limitPx, replaces: orderId };
    const held = await portfolio.reserve(reservation);
    if (held.outcome === 'refused') return (await replacedBefore(id, request)) ?? fail(held.refusal);
    if (held.outcome === 'used') {
      return (await replacedBefore(id, request)) ?? fail(refuse('duplicate_client_order_id', 'client_order_id'));
    }
    const order = newOrder(
      { id, accountId, userId, clientOrderId, spec, replaces: orderId, apiKeyId },
      // What it trades at is the engine's matter: it keeps the collar of the order it replaces.
      { ...placement, collarOffset: old.collarOffset },
      nowUs,
    );
    const saved = await saveReplacement(order, request);
    if (saved === undefined)
      return (await replacedBefore(id, request)) ?? fail(refuse('order_fenced', 'client_order_id'));
    if (!isRefusal(saved)) return saved;
    await portfolio.release(id, accountId, saved.refused);
    return fail(saved);
  }

  /** Nothing where the id is taken. The old order is looked at again, under its lock: a report may have come meanwhile. */
  async function saveReplacement(
    order: Order,
    { orderId, actor }: ReplaceRequest,
  ): Promise<Order | Refusal | undefined> {
    const atUs = now();
    const saved = await commit(async (tx, say): Promise<Order | Refusal | undefined> => {
      const [old] = await lockOrders(tx, [orderId]);
      if (old === undefined) return refuse('order_not_found', 'order_id');
      const decision = decideCancel(old, codeOf);
      const alreadyThere = await findOrderOrFence(tx, order.id);
      if (alreadyThere !== undefined) return undefined;
      if (decision === 'done')
        return refuse(hasEnded(old.life.status) ? 'too_late' : 'change_pending', '', { status: codeOf(old) });
      if (decision !== 'send') return decision;
      const inserted = await insertOrders(tx, [order]);
      if (inserted.size === 0) return undefined;
      const pending = awaiting(old, 'replace', atUs);
      await saveLives(tx, [pending]);
      await insertEvents(tx, [requestEvent(pending, 'replace_requested', actor, atUs)]);
      say(orderPlacedEvent(order), commands.replace(order));
      return order;
    });
    if (saved !== undefined && !isRefusal(saved)) metrics.changes.inc({ change: 'replace' });
    return saved;
  }

  /** What an earlier try of the same replacement has made. */
  async function replacedBefore(id: string, request: ReplaceRequest): Promise<Order | undefined> {
    const found = await findOrderOrFence(db, id);
    if (found === undefined) return undefined;
    if (found === 'fenced') throw refused(refuse('order_fenced', 'client_order_id'));
    if (found.userId !== request.userId) return undefined;
    const { change } = request;
    const asked = {
      ...found.spec,
      ...(change.qty === 0n ? {} : { qty: change.qty }),
      ...(change.limitPx === 0n ? {} : { limitPx: change.limitPx }),
      ...(change.stopPx === 0n ? {} : { stopPx: change.stopPx }),
      ...(change.trailAmount === 0n ? {} : { trailAmount: change.trailAmount }),
      ...(change.trailPercent === 0n ? {} : { trailPercent: change.trailPercent }),
    };
    if (found.replaces === request.orderId && sameSpec(asked, found.spec)) return found;
    throw refused(refuse('duplicate_client_order_id', 'client_order_id'));
  }

  function refused(refusal: Refusal) {
    metrics.refused.inc({ reason: refusal.refused });
    return refusalError(refusal);
  }

  function fail(refusal: Refusal): never {
    throw refused(refusal);
  }
}

/** Another's order is as unknown as one that never was. */
function isOf(order: Order, asked: { userId: string | undefined; accountId: string | undefined }): boolean {
  return order.userId === (asked.userId ?? order.userId) && order.accountId === (asked.accountId ?? order.accountId);
}

/** The number of its status in the contract. */
function codeOf(order: Order): bigint {
  return BigInt(statusTo[statusOf(order.life)]);
}

function requestEvent(order: Order, kind: string, actor: Actor, atUs: bigint): OrderEvent {
  const { id, accountId, spec, life } = order;
  return {
    orderId: id,
    accountId,
    symbol: spec.symbol,
    side: spec.side,
    kind,
    status: statusOf(life),
    lastQty: 0n,
    lastPx: 0n,
    cumQty: life.cumQty,
    leavesQty: life.leavesQty,
    reason: '',
    liquidity: undefined,
    tradeId: '',
    execId: '',
    actor: actor.kind,
    actorId: actor.id,
    occurredAtUs: atUs,
  };
}
