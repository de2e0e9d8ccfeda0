import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@andvari/kit/base/errors';
import { judgeGroup } from '../domain/judge-group.ts';
import { judgeOrder, type Placement, worstPrice } from '../domain/judge-order.ts';
import { newOrder, type OrderRequest } from '../domain/new-order.ts';
import { type GroupType, type Order, type OrderSpec, sameSpec } from '../domain/order.ts';
import { isRefusal, type Refusal, refuse, refuseDuplicate } from '../domain/refusal.ts';
import type { Portfolio, Reserved, ReserveRequest } from '../ports/portfolio.ts';
import { findOrderOrFence } from '../store/read-orders.ts';
import type { Deps } from './deps.ts';
import { type CappedKey, capOf } from './key-usage.ts';
import { orderIdOf } from './order-id.ts';
import { refusalError } from './refusals.ts';
import type { ToSave } from './save-placed.ts';
import { createTellRefused } from './tell-refused.ts';
import type { WriteLane } from './write-lane.ts';

/** Who places, and on which account. */
export interface Placer extends CappedKey {
  readonly accountId: string;
  readonly userId: string;
}

export interface PlaceRequest extends Placer {
  readonly clientOrderId: string;
  readonly spec: OrderSpec;
}

export interface PlaceGroupRequest extends Placer {
  readonly clientOrderId: string;
  readonly type: GroupType;
  readonly legs: readonly OrderSpec[];
}

/** Orders that stand or fall together. */
export interface Attempt {
  readonly asked: readonly [OrderRequest, ...OrderRequest[]];
  readonly judge: (nowUs: bigint) => readonly Placement[] | Refusal;
  readonly command: (orders: readonly Order[]) => ReturnType<ToSave['command']>;
  readonly dailyCap: bigint | undefined;
  /** Where in the request the order is. */
  readonly field: string;
}

/** How long another try of the same order may take to be saved. */
const WAITS_MS = [10, 20, 40, 80, 160, 320];

/**
 * Judge, reserve, save; each step may be repeated and every later one knows the order by the same id. What stops in between
 * leaves a reservation at the most, which the ledger's sweeper gives back after it has fenced the id.
 */
export function createPlacing(deps: Deps & { lane: WriteLane }) {
  const { db, now, lane, market, portfolio, collars, commands, metrics } = deps;
  const tellRefused = createTellRefused(deps);

  return {
    async place(request: PlaceRequest): Promise<Order> {
      const { accountId, userId, clientOrderId, spec, apiKeyId } = request;
      const id = orderIdOf(accountId, clientOrderId);
      const [order] = await attempt({
        asked: [{ id, accountId, userId, clientOrderId, spec, apiKeyId }],
        judge: (nowUs) => one(judgeOrder(spec, { ...market.of(spec.symbol), nowUs }, collars)),
        command: ([placed]) => commands.place(placed as Order),
        dailyCap: request.dailyCap,
        field: 'order',
      });
      return order as Order;
    },

    async placeGroup(request: PlaceGroupRequest): Promise<{ groupId: string; orders: readonly Order[] }> {
      const { accountId, userId, clientOrderId, type, legs, apiKeyId } = request;
      const groupId = orderIdOf(accountId, clientOrderId);
      const asked = legs.map((spec, leg) => {
        const own = `${clientOrderId}.${leg}`;
        const group = { id: groupId, type, leg };
        return { id: orderIdOf(accountId, own), accountId, userId, clientOrderId: own, spec, group, apiKeyId };
      });
      const judge = (nowUs: bigint) => {
        return judgeGroup(type, legs, { ...market.of(legs[0]?.symbol ?? ''), nowUs }, collars);
      };
      const [first, ...others] = asked;
      if (first === undefined) throw refusalError(refuse('group_invalid', 'legs'));
      const orders = await attempt({
        asked: [first, ...others],
        judge,
        command: (placed) => commands.placeGroup(placed),
        dailyCap: request.dailyCap,
        field: '',
      });
      return { groupId, orders };
    },

    attempt,
  };

  async function attempt({ asked, judge, command, dailyCap, field }: Attempt): Promise<readonly Order[]> {
    const nowUs = now();
    const judged = judge(nowUs);
    if (isRefusal(judged)) return (await placedBefore(asked)) ?? throwRefusal(judged, field);
    const [first] = asked;
    const placements = judged as readonly [Placement, ...Placement[]];
    const cap = capOf(market, { apiKeyId: first.apiKeyId, dailyCap }, first.spec.symbol, placements[0].exposure);
    const held = await reserveAll(portfolio, asked, placements);
    if (held.outcome === 'refused') return (await placedBefore(asked)) ?? tellAndThrow(held.refusal, first, field);
    if (held.outcome === 'used') return (await placedMeanwhile(asked)) ?? unsettled();
    const orders = asked.map((request, index) => newOrder(request, placements[index] as Placement, nowUs));
    const saved = await lane.place({
      orders,
      command: () => command(orders),
      cap,
    });
    if (saved.outcome === 'refused') {
      await portfolio.release(first.id, first.accountId, saved.refusal.refused);
      return tellAndThrow(saved.refusal, first, field);
    }
    if (saved.outcome === 'saved') for (const { spec } of asked) metrics.placed.inc({ type: spec.type });
    return sameOrders(asked, saved.orders);
  }

  /** What an earlier try of the same request has made. */
  async function placedBefore(asked: Attempt['asked']): Promise<readonly Order[] | undefined> {
    const found = await Promise.all(asked.map(({ id }) => findOrderOrFence(db, id)));
    if (found.every((order) => order === undefined)) return undefined;
    // Another's order is as unknown as one that never was.
    if (found.some((order) => order !== undefined && order !== 'fenced' && order.userId !== asked[0].userId)) {
      return undefined;
    }
    return sameOrders(
      asked,
      found.filter((order) => order !== undefined && order !== 'fenced'),
    );
  }

  /** The id is reserved with other numbers: another try, at another price of the market, is about to be saved. */
  function placedMeanwhile(asked: Attempt['asked']): Promise<readonly Order[] | undefined> {
    return meanwhile(() => placedBefore(asked));
  }

  /** The ledger has looked whose the account is. */
  async function tellAndThrow(refusal: Refusal, { accountId, userId, spec }: OrderRequest, field: string) {
    await tellRefused(refusal, { accountId, userId, symbol: spec.symbol });
    return throwRefusal(refusal, field);
  }

  function throwRefusal(refusal: Refusal, field: string): never {
    metrics.refused.inc({ reason: refusal.refused });
    throw refusalError(refusal, field);
  }
}

/** Looks until another try has saved what it has reserved for, or is given up. */
export async function meanwhile<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const waitMs of WAITS_MS) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(waitMs);
  }
  return undefined;
}

/** That other try died before it saved anything; the sweeper decides within a minute, and then the id is given up. */
function unsettled(): never {
  throw new AppError('unavailable', 'the order is being placed by another try; ask again', {
    reason: 'order_unsettled',
  });
}

function sameOrders(asked: Attempt['asked'], orders: readonly Order[]): readonly Order[] {
  const [first] = orders;
  if (first === undefined) throw refusalError(refuse('order_fenced', 'client_order_id'));
  const same = asked.filter((request, index) => isSame(request, orders[index]));
  if (same.length === asked.length) return orders;
  const ids = new Set(same.map(({ id }) => id));
  const other = orders.find(({ id }) => !ids.has(id)) ?? first;
  throw refusalError(refuseDuplicate(other.id));
}

/** One of a group is no order that stands alone, nor one of a group of another type. */
function isSame(request: OrderRequest, order: Order | undefined): boolean {
  return (
    order?.id === request.id &&
    sameSpec(order.spec, request.spec) &&
    order.replaces === request.replaces &&
    order.group?.id === request.group?.id &&
    order.group?.type === request.group?.type
  );
}

/** For one order as for one, for those of a group together. */
function reserveAll(
  portfolio: Portfolio,
  asked: Attempt['asked'],
  placements: readonly Placement[],
): Promise<Reserved> {
  const [first] = asked;
  const requests = asked.map((request, leg) => reservationOf(request, placements[leg] as Placement));
  if (first.group === undefined) return portfolio.reserve(requests[0] as ReserveRequest);
  const { id: groupId, type } = first.group;
  const legs = requests.map(({ orderId, side, qty, asset, amount, limitPx }) => ({
    orderId,
    side,
    qty,
    asset,
    amount,
    limitPx,
  }));
  return portfolio.reserveGroup({ groupId, accountId: first.accountId, symbol: first.spec.symbol, type, legs });
}

function reservationOf({ id, accountId, spec, replaces }: OrderRequest, placement: Placement): ReserveRequest {
  const { qty, asset, principal: amount } = placement;
  const { symbol, side } = spec;
  return { orderId: id, accountId, symbol, side, qty, asset, amount, limitPx: worstPrice(spec, placement), replaces };
}

function one(judged: Placement | Refusal): readonly Placement[] | Refusal {
  return isRefusal(judged) ? judged : [judged];
}
