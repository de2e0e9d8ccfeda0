import { randomUUID } from 'node:crypto';
import { addedExposure, type Change, isOutcomeOf, judgeReplacement } from '../domain/change.ts';
import { allRefusals, judgeOrder, type Placement, worstPrice } from '../domain/judge-order.ts';
import { type Market, referencePrice } from '../domain/market.ts';
import { groupIdsOf, type Order, type OrderSpec, sameSpec } from '../domain/order.ts';
import {
  foresee,
  type Level,
  ownTouch,
  type Walk,
  type Warning,
  waiting,
  warningsOf,
  wouldCross,
} from '../domain/preview.ts';
import { isRefusal, type Refusal, refuse, refuseDuplicate } from '../domain/refusal.ts';
import { findOpenOfGroups, findOpenOrders, findOrdersOrFences } from '../store/read-orders.ts';
import { codeOf, isOf } from './change-request.ts';
import type { Deps } from './deps.ts';
import { type CappedKey, capOf, wouldExceed } from './key-usage.ts';
import { orderIdOf } from './order-id.ts';
import type { Placer } from './placing.ts';
import { refusalError } from './refusals.ts';

export interface Preview {
  readonly market: Market;
  readonly referencePx: bigint;
  /** Absent where the order cannot be worked out at all. */
  readonly placement: Placement | undefined;
  readonly walk: Walk | undefined;
  readonly maxFee: bigint;
  /** Of the account: money for a buy with its fees, shares for a sale. */
  readonly reserved: bigint;
  readonly availableBefore: bigint;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

export interface PreviewAsked extends Placer {
  /** Absent where it is not known yet. */
  readonly clientOrderId: string | undefined;
  readonly spec: OrderSpec;
}

export interface ReplacementAsked extends CappedKey {
  readonly orderId: string;
  readonly accountId: string | undefined;
  readonly userId: string;
  /** Absent where it is not known yet. */
  readonly clientOrderId: string | undefined;
  readonly change: Change;
}

export interface ReplacementPreview {
  readonly accountId: string;
  readonly walk: Walk | undefined;
  readonly maxFee: bigint;
  /** What is held for the order that it replaces. */
  readonly held: bigint;
  /** What would be held besides, until the engine has decided. */
  readonly reserved: bigint;
  readonly asset: string;
  readonly availableBefore: bigint;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly nowUs: bigint;
}

const DEPTH = 200;
/** Of one account in one symbol. Whoever has more is warned by the oldest of them. */
const MOST_OPEN = 500;

/** The same ladder as placing, and nothing of it is kept. */
export function createPreviewing({ db, now, market, engine, portfolio, collars }: Deps) {
  return {
    replacement,

    async preview(asked: PreviewAsked): Promise<Preview> {
      const { accountId, spec } = asked;
      const seen: Market = { ...market.of(spec.symbol), nowUs: now() };
      const referencePx = referencePrice(seen.quote);
      const judged = judgeOrder(spec, seen, collars);
      const known = seen.instrument;
      const account = await portfolio.account(accountId);
      const isEarlierTry = (found: Order) =>
        found.replaces === undefined && found.group === undefined && sameSpec(found.spec, spec);
      await requireFreeId(accountId, asked.clientOrderId, isEarlierTry);
      const refusals = isRefusal(judged) ? allRefusals(spec, seen, collars) : [];
      if (!account.canTrade) refusals.push(refuse('account_not_tradable', 'account_id'));
      if (known !== undefined && account.currency !== known.currency)
        refusals.push(refuse('currency_mismatch', 'symbol'));
      if (known === undefined) return { ...nothing(seen, referencePx), refusals };
      const availableBefore = await portfolio.available(
        accountId,
        spec.side === 'buy' ? { currency: account.currency } : { symbol: spec.symbol },
      );
      if (isRefusal(judged)) return { ...nothing(seen, referencePx), availableBefore, refusals };
      const [levels, ownPx] = await Promise.all([otherSide(spec), ownOtherSide(asked, spec)]);
      const walk = foresee(spec, judged, seen, levels, ownPx);
      if (wouldCross(spec, judged, seen, levels)) refusals.push(refuse('post_only_would_cross', 'post_only'));
      const maxFee = await feesOf(spec, judged, walk);
      // A sale pays its fees out of what it brings, and holds its shares alone.
      const reserved = spec.side === 'buy' ? judged.principal + maxFee : judged.principal;
      if (reserved > availableBefore) {
        const reason = spec.side === 'buy' ? 'insufficient_buying_power' : 'insufficient_shares';
        const numbers = { required: reserved, available: availableBefore, short_by: reserved - availableBefore };
        refusals.push(refuse(reason, 'qty', numbers));
      }
      const exceeded = await wouldExceed(db, capOf(market, asked, spec.symbol, judged.exposure), seen.nowUs);
      if (exceeded !== undefined) refusals.push(exceeded);
      const visible = levels.reduce((all, { qty }) => all + qty, 0n);
      const warnings = warningsOf(spec, judged, seen, walk, visible);
      const found = { placement: judged, walk, maxFee, reserved, availableBefore, refusals, warnings };
      return { market: seen, referencePx, ...found };
    },
  };

  /** The ladder of a replacement, and what the ledger would say to it. */
  async function replacement(asked: ReplacementAsked): Promise<ReplacementPreview> {
    const { orderId, change } = asked;
    const old = (await findOrdersOrFences(db, [orderId])).get(orderId);
    if (old === undefined || old === 'fenced' || !isOf(old, asked))
      throw refusalError(refuse('order_not_found', 'order_id'));
    const { accountId, spec: was, life } = old;
    await requireFreeId(accountId, asked.clientOrderId, (found) => isOutcomeOf(change, orderId, found));
    const seen: Market = { ...market.of(was.symbol), nowUs: now() };
    const { currency } = await portfolio.account(accountId);
    const [availableBefore, reservation] = await Promise.all([
      portfolio.available(accountId, was.side === 'buy' ? { currency } : { symbol: was.symbol }),
      portfolio.reservation(orderId),
    ]);
    const asset = was.side === 'buy' ? currency : was.symbol;
    const held = reservation?.remaining ?? 0n;
    const none = { walk: undefined, maxFee: 0n, reserved: 0n };
    const nothingYet = { accountId, ...none, held, asset, availableBefore, nowUs: seen.nowUs };
    const judged = judgeReplacement(old, await findOpenOfGroups(db, groupIdsOf([old])), change, seen, collars, codeOf);
    if (isRefusal(judged)) return { ...nothingYet, refusals: [judged], warnings: [] };
    const { spec, placement } = judged;
    const left = { ...placement, qty: placement.qty - life.cumQty };
    const isHeld = life.status === 'held';
    const levels = isHeld ? [] : await otherSide(spec);
    const ownPx = isHeld ? undefined : await ownOtherSide({ accountId, userId: asked.userId }, spec);
    const walk = isHeld ? waiting(left) : foresee(spec, left, seen, levels, ownPx);
    const maxFee = await feesOf(spec, placement, walk);
    const would = await portfolio.wouldReserve({
      // Of an order that never is.
      orderId: randomUUID(),
      accountId,
      symbol: spec.symbol,
      side: spec.side,
      qty: placement.qty,
      asset: placement.asset,
      amount: placement.principal,
      limitPx: worstPrice(spec, placement),
      replaces: orderId,
    });
    const refusals = wouldCross(spec, left, seen, levels) ? [refuse('post_only_would_cross', 'post_only')] : [];
    const visible = levels.reduce((all, { qty }) => all + qty, 0n);
    const warnings: Warning[] = isHeld
      ? [{ code: 'waits_for_entry', numbers: {} }]
      : warningsOf(spec, left, seen, walk, visible);
    const found = { ...nothingYet, walk, maxFee, warnings };
    if (isRefusal(would)) refusals.push(would);
    const added = addedExposure(old, judged, seen, collars, old.apiKeyId === asked.apiKeyId);
    const exceeded = await wouldExceed(db, capOf(market, asked, spec.symbol, added), seen.nowUs);
    if (exceeded !== undefined) refusals.push(exceeded);
    if (isRefusal(would)) {
      // The ledger says what it lacks of where money or shares do, and nothing of the sort where anything else does.
      const { required: reserved = 0n, available = availableBefore } = would.numbers;
      return { ...found, reserved, availableBefore: available, refusals };
    }
    // Both of the same look: what was free then is what is free after, and what is held more.
    return { ...found, reserved: would.more, availableBefore: would.availableAfter + would.more, refusals };
  }

  /** What another order has already is refused, as asking for it is; the same asked for before is no other. */
  async function requireFreeId(
    accountId: string,
    clientOrderId: string | undefined,
    isEarlierTry: (found: Order) => boolean,
  ): Promise<void> {
    if (clientOrderId === undefined) return;
    const id = orderIdOf(accountId, clientOrderId);
    const found = (await findOrdersOrFences(db, [id])).get(id);
    if (found === undefined) return;
    if (found === 'fenced') throw refusalError(refuse('order_fenced', 'client_order_id'));
    if (!isEarlierTry(found)) {
      throw refusalError(refuseDuplicate(id));
    }
  }

  /** Of a buy the most that they can be, which is held for them; of a sale what they come to at the prices of the moment. */
  function feesOf({ side }: OrderSpec, { qty, principal, exposure }: Placement, walk: Walk): Promise<bigint> {
    const brings = walk.notional > exposure ? walk.notional : exposure;
    return portfolio.fees({ side, qty, amount: side === 'buy' ? principal : brings });
  }

  async function ownOtherSide({ accountId, userId }: Placer, { symbol, side }: OrderSpec): Promise<bigint | undefined> {
    return ownTouch(side, await findOpenOrders(db, { accountId, userId, symbol, limit: MOST_OPEN }));
  }

  /** What the engine has on the other side now; without it, what the quote says of it. */
  async function otherSide({ symbol, side }: OrderSpec): Promise<readonly Level[]> {
    const book = await engine.book(symbol, DEPTH).catch(() => undefined);
    return (side === 'buy' ? book?.asks : book?.bids) ?? [];
  }
}

function nothing(market: Market, referencePx: bigint): Omit<Preview, 'refusals'> {
  return {
    market,
    referencePx,
    placement: undefined,
    walk: undefined,
    maxFee: 0n,
    reserved: 0n,
    availableBefore: 0n,
    warnings: [],
  };
}
