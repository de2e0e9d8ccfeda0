import { batch } from '@andvari/kit/base/batch';
import { addedExposure, type Change, isOutcomeOf, judgeReplacement } from '../domain/change.ts';
import { worstPrice } from '../domain/judge-order.ts';
import { newOrder } from '../domain/new-order.ts';
import { groupIdsOf, type Order } from '../domain/order.ts';
import { isRefusal, type Refusal, refuse, refuseDuplicate } from '../domain/refusal.ts';
import { findOpenOfGroups, findOrdersOrFences } from '../store/read-orders.ts';
import { type Actor, codeOf, isOf } from './change-request.ts';
import type { Deps } from './deps.ts';
import { type CappedKey, capOf } from './key-usage.ts';
import { orderIdOf } from './order-id.ts';
import { refusalError } from './refusals.ts';
import { overloaded, type WriteLane } from './write-lane.ts';

export interface ReplaceRequest extends CappedKey {
  readonly orderId: string;
  /** Of which account the order must be; absent where nobody said. */
  readonly accountId: string | undefined;
  readonly userId: string;
  readonly clientOrderId: string;
  readonly change: Change;
  readonly actor: Actor;
}

const LIMITS = { maxBatch: 128, maxWaiting: 4000, onFull: overloaded };

/**
 * A new order takes the old one's place once the engine says so; until then both hold the larger of what they need. Those
 * that are asked for at the same moment share the statements that read and write them.
 */
export function createReplacing(deps: Deps & { lane: WriteLane }): (request: ReplaceRequest) => Promise<Order> {
  const { db, now, lane, market, portfolio, collars, metrics } = deps;
  const findOne = batch(async (ids: string[]) => {
    const found = await findOrdersOrFences(db, ids);
    return ids.map((id) => found.get(id));
  }, LIMITS);

  return async (request) => {
    const { orderId, userId, clientOrderId, change, apiKeyId } = request;
    const old = await findOne(orderId);
    if (old === undefined || old === 'fenced' || !isOf(old, request))
      return fail(refuse('order_not_found', 'order_id'));
    const { accountId } = old;
    const id = orderIdOf(accountId, clientOrderId);
    const nowUs = now();
    const seen = { ...market.of(old.spec.symbol), nowUs };
    const groupOrders = await findOpenOfGroups(db, groupIdsOf([old]));
    const judged = judgeReplacement(old, groupOrders, change, seen, collars, codeOf);
    if (isRefusal(judged)) return (await replacedBefore(id, request)) ?? fail(judged);
    const wasCounted = old.apiKeyId === apiKeyId;
    const added = addedExposure(old, judged, seen, collars, wasCounted);
    const cap = capOf(market, request, old.spec.symbol, added);
    const { spec, placement } = judged;
    const { qty, asset, principal: amount } = placement;
    const { symbol, side } = spec;
    const limitPx = worstPrice(spec, placement);
    const reservation = { orderId: id, accountId, symbol, side, qty, asset, amount, limitPx, replaces: orderId };
    const held = await portfolio.reserve(reservation);
    if (held.outcome === 'refused') return (await replacedBefore(id, request)) ?? fail(held.refusal);
    if (held.outcome === 'used') {
      return (await replacedBefore(id, request)) ?? fail(refuseDuplicate(id));
    }
    const order = newOrder(
      { id, accountId, userId, clientOrderId, spec, replaces: orderId, group: old.group, apiKeyId },
      // What it trades at is the engine's matter: it keeps the collar of the order it replaces.
      { ...placement, collarOffset: old.collarOffset },
      nowUs,
    );
    const saved = await lane.replace({ order, replaces: orderId, actor: request.actor, cap });
    if (saved === 'taken') {
      return (await replacedBefore(id, request)) ?? fail(refuse('order_fenced', 'client_order_id'));
    }
    if (!isRefusal(saved)) return saved;
    await portfolio.release(id, accountId, saved.refused);
    return fail(saved);
  };

  /** What an earlier try of the same replacement has made. */
  async function replacedBefore(id: string, request: ReplaceRequest): Promise<Order | undefined> {
    const found = await findOne(id);
    if (found === undefined) return undefined;
    if (found === 'fenced') return fail(refuse('order_fenced', 'client_order_id'));
    if (found.userId !== request.userId) return undefined;
    if (isOutcomeOf(request.change, request.orderId, found)) return found;
    return fail(refuseDuplicate(id));
  }

  function fail(refusal: Refusal): never {
    metrics.refused.inc({ reason: refusal.refused });
    throw refusalError(refusal);
  }
}
