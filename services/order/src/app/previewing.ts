import { allRefusals, judgeOrder, type Placement } from '../domain/judge-order.ts';
import { type Market, referencePrice } from '../domain/market.ts';
import type { OrderSpec } from '../domain/order.ts';
import { foresee, type Level, type Walk, type Warning, walkBook, warningsOf, wouldCross } from '../domain/preview.ts';
import { isRefusal, type Refusal, refuse } from '../domain/refusal.ts';
import type { Deps } from './deps.ts';

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

const DEPTH = 200;

/** The same ladder as placing, and nothing of it is kept. */
export function createPreviewing({ now, market, engine, portfolio, collars }: Deps) {
  return {
    async preview(accountId: string, spec: OrderSpec): Promise<Preview> {
      const seen: Market = { ...market.of(spec.symbol), nowUs: now() };
      const referencePx = referencePrice(seen.quote);
      const judged = judgeOrder(spec, seen, collars);
      const known = seen.instrument;
      const account = await portfolio.account(accountId);
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
      const levels = await otherSide(spec);
      const walk = foresee(spec, judged, levels);
      if (wouldCross(spec, walkBook(spec, judged, levels))) refusals.push(refuse('post_only_would_cross', 'post_only'));
      const maxFee = await feesOf(spec, judged, walk);
      // A sale pays its fees out of what it brings, and holds its shares alone.
      const reserved = spec.side === 'buy' ? judged.principal + maxFee : judged.principal;
      if (reserved > availableBefore) {
        const reason = spec.side === 'buy' ? 'insufficient_buying_power' : 'insufficient_shares';
        const numbers = { required: reserved, available: availableBefore, short_by: reserved - availableBefore };
        refusals.push(refuse(reason, 'qty', numbers));
      }
      const visible = levels.reduce((all, { qty }) => all + qty, 0n);
      const warnings = warningsOf(spec, judged, seen, walk, visible);
      const found = { placement: judged, walk, maxFee, reserved, availableBefore, refusals, warnings };
      return { market: seen, referencePx, ...found };
    },
  };

  /** Of a buy the most that they can be, which is held for them; of a sale what they come to at the prices of the moment. */
  function feesOf({ side }: OrderSpec, { qty, principal, exposure }: Placement, walk: Walk): Promise<bigint> {
    const brings = walk.notional > exposure ? walk.notional : exposure;
    return portfolio.fees({ side, qty, amount: side === 'buy' ? principal : brings });
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
