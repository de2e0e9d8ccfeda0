import { batch } from '@andvari/kit/base/batch';
import { awaiting, type Change, decideCancel, judgeReplacement } from '../domain/change.ts';
import { worstPrice } from '../domain/judge-order.ts';
import { newOrder } from '../domain/new-order.ts';
import { hasEnded, type Order, sameSpec } from '../domain/order.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import { orderPlacedEvent } from '../messages/events.ts';
import { insertEvents } from '../store/order-events.ts';
import { findOrdersOrFences, lockOrders } from '../store/read-orders.ts';
import { insertOrders, saveLives } from '../store/write-orders.ts';
import { type Actor, codeOf, isOf, requestEvent } from './change-request.ts';
import type { Deps } from './deps.ts';
import { orderIdOf } from './order-id.ts';
import { refusalError } from './refusals.ts';
import { overloaded } from './save-placed.ts';

export interface ReplaceRequest {
  readonly orderId: string;
  readonly accountId: string;
  readonly userId: string;
  readonly clientOrderId: string;
  readonly change: Change;
  readonly actor: Actor;
  readonly apiKeyId: string | undefined;
}

/** The new order, which names the one whose place it is to take, and who asked for it. */
interface ToSave {
  readonly order: Order;
  readonly replaces: string;
  readonly actor: Actor;
}

const LIMITS = { maxBatch: 128, maxWaiting: 4000, onFull: overloaded };

/**
 * A new order takes the old one's place once the engine says so; until then both hold the larger of what they need. Those
 * that are asked for at the same moment share the statements that read and write them.
 */
export function createReplacing(deps: Deps): (request: ReplaceRequest) => Promise<Order> {
  const { db, now, commit, commands, market, portfolio, collars, metrics } = deps;
  const saveOne = batch(saveAll, LIMITS);
  const findOne = batch(async (ids: string[]) => {
    const found = await findOrdersOrFences(db, ids);
    return ids.map((id) => found.get(id));
  }, LIMITS);

  return async (request) => {
    const { orderId, accountId, userId, clientOrderId, change, apiKeyId } = request;
    const old = await findOne(orderId);
    if (old === undefined || old === 'fenced' || !isOf(old, request))
      return fail(refuse('order_not_found', 'order_id'));
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
      { id, accountId, userId, clientOrderId, spec, replaces: orderId, group: old.group, apiKeyId },
      // What it trades at is the engine's matter: it keeps the collar of the order it replaces.
      { ...placement, collarOffset: old.collarOffset },
      nowUs,
    );
    const saved = await saveOne({ order, replaces: orderId, actor: request.actor });
    if (saved === 'taken') {
      return (await replacedBefore(id, request)) ?? fail(refuse('order_fenced', 'client_order_id'));
    }
    if (!isRefusal(saved)) return saved;
    await portfolio.release(id, accountId, saved.refused);
    return fail(saved);
  };

  /** The old orders are looked at again, under their locks: a report may have come meanwhile. */
  async function saveAll(items: ToSave[]): Promise<(Order | Refusal | 'taken')[]> {
    const atUs = now();
    const outcomes = await commit(async (tx, say) => {
      const [locked, there] = await Promise.all([
        lockOrders(tx, [...new Set(items.map(({ replaces }) => replaces))]),
        findOrdersOrFences(
          tx,
          items.map(({ order }) => order.id),
        ),
      ]);
      const olds = new Map(locked.map((order) => [order.id, order]));
      const taken = new Set(there.keys());
      const decided = items.map(({ order, replaces }) => {
        const old = olds.get(replaces);
        if (old === undefined) return refuse('order_not_found', 'order_id');
        if (taken.has(order.id)) return 'taken';
        const pending = pendingReplace(old, atUs);
        if (isRefusal(pending)) return pending;
        olds.set(old.id, pending);
        taken.add(order.id);
        return pending;
      });
      const candidates = items.filter((_, at) => isPending(decided[at]));
      const inserted = await insertOrders(
        tx,
        candidates.map(({ order }) => order),
      );
      const changes = items.flatMap(({ order, actor }, at) => {
        const old = decided[at];
        return isPending(old) && inserted.has(order.id) ? [{ order, old, actor }] : [];
      });
      await Promise.all([
        saveLives(
          tx,
          changes.map(({ old }) => old),
        ),
        insertEvents(
          tx,
          changes.map(({ old, actor }) => requestEvent(old, 'replace_requested', actor, atUs)),
        ),
      ]);
      for (const { order } of changes) say(orderPlacedEvent(order), commands.replace(order));
      return items.map(({ order }, at) => {
        const outcome = decided[at] ?? 'taken';
        if (!isPending(outcome)) return outcome;
        return inserted.has(order.id) ? order : 'taken';
      });
    });
    metrics.changes.inc({ change: 'replace' }, outcomes.filter(isPending).length);
    return outcomes;
  }

  /** What an earlier try of the same replacement has made. */
  async function replacedBefore(id: string, request: ReplaceRequest): Promise<Order | undefined> {
    const found = await findOne(id);
    if (found === undefined) return undefined;
    if (found === 'fenced') return fail(refuse('order_fenced', 'client_order_id'));
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
    return fail(refuse('duplicate_client_order_id', 'client_order_id'));
  }

  function fail(refusal: Refusal): never {
    metrics.refused.inc({ reason: refusal.refused });
    throw refusalError(refusal);
  }
}

/** The old order, waiting for its end; or why it cannot be replaced now. */
function pendingReplace(old: Order, atUs: bigint): Order | Refusal {
  const decision = decideCancel(old, codeOf);
  if (decision === 'send') return awaiting(old, 'replace', atUs);
  if (decision !== 'done') return decision;
  return refuse(hasEnded(old.life.status) ? 'too_late' : 'change_pending', '', { status: codeOf(old) });
}

function isPending(outcome: Order | Refusal | 'taken' | undefined): outcome is Order {
  return outcome !== undefined && outcome !== 'taken' && !isRefusal(outcome);
}
