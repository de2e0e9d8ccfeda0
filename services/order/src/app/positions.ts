import { isAppError } from '@andvari/kit/base/errors';
import type { Order, OrderSpec } from '../domain/order.ts';
import { refuse } from '../domain/refusal.ts';
import type { Actor } from './change-request.ts';
import type { createChanging, ItemOutcome } from './changing.ts';
import type { Deps } from './deps.ts';
import type { createPlacing, Placer } from './placing.ts';
import { refusalError } from './refusals.ts';

/** How much of what is available: so many shares, millionths of it, or all. */
export type Part = { readonly qty: bigint } | { readonly ppm: bigint } | 'all';

export type CloseOutcome =
  | { readonly symbol: string; readonly order: Order }
  | { readonly symbol: string; readonly error: unknown };

export interface PositionDeps extends Pick<Deps, 'portfolio' | 'market'> {
  placing: ReturnType<typeof createPlacing>;
  changing: ReturnType<typeof createChanging>;
}

const ONE = 1_000_000n;
/** How many are sold at once; the ledger takes them side by side. */
const AT_ONCE = 16;
/** After so many the next page waits for the next request. */
const MOST_CLOSED = 500;

/** Sells what is held, at market. What open orders hold of it stays theirs. */
export function createPositions({ portfolio, market, placing, changing }: PositionDeps) {
  return {
    async close(placer: Placer, symbol: string, clientOrderId: string, part: Part): Promise<Order> {
      const available = await portfolio.available(placer.accountId, { symbol });
      const lot = market.of(symbol).instrument?.lot ?? 1n;
      const wanted = part === 'all' ? available : 'qty' in part ? part.qty : (available * part.ppm) / ONE;
      const qty = part === 'all' || 'ppm' in part ? wanted - (wanted % lot) : wanted;
      if (qty <= 0n) throw refusalError(refuse('no_position', 'symbol'));
      return placing.place({ ...placer, clientOrderId, spec: marketSale(symbol, qty) });
    },

    /** All that is held, up to so much at once; each is answered for itself. */
    async closeAll(
      placer: Placer,
      clientOrderId: string,
      cancelFirst: Actor | undefined,
    ): Promise<{ closed: CloseOutcome[]; cancelled: ItemOutcome[]; hasMore: boolean }> {
      const { accountId, userId } = placer;
      const { items: cancelled, hasMore: moreToCancel } =
        cancelFirst === undefined
          ? { items: [], hasMore: false }
          : await changing.cancelOpen({ accountId, userId, symbol: '', actor: cancelFirst });
      const closed: CloseOutcome[] = [];
      let after = '';
      do {
        const page = await portfolio.holdings(accountId, after);
        after = page.after;
        const sellable = page.holdings.filter(({ available }) => available > 0n);
        for (let next = 0; next < sellable.length; next += AT_ONCE) {
          const some = sellable.slice(next, next + AT_ONCE);
          closed.push(...(await Promise.all(some.map((holding) => closeOne(placer, clientOrderId, holding)))));
        }
      } while (after !== '' && closed.length < MOST_CLOSED);
      // Shares that a cancelled order held are free once the engine has said so.
      return { closed, cancelled, hasMore: moreToCancel || after !== '' || cancelled.length > 0 };
    },
  };

  async function closeOne(
    placer: Placer,
    clientOrderId: string,
    { symbol, available }: { symbol: string; available: bigint },
  ): Promise<CloseOutcome> {
    try {
      const lot = market.of(symbol).instrument?.lot ?? 1n;
      const qty = available - (available % lot);
      if (qty === 0n) return { symbol, error: refusalError(refuse('no_position', 'symbol')) };
      const spec = marketSale(symbol, qty);
      return { symbol, order: await placing.place({ ...placer, clientOrderId: `${clientOrderId}.${symbol}`, spec }) };
    } catch (error) {
      if (isAppError(error)) return { symbol, error };
      throw error;
    }
  }
}

function marketSale(symbol: string, qty: bigint): OrderSpec {
  return {
    symbol,
    side: 'sell',
    type: 'market',
    timeInForce: 'day',
    qty,
    notional: 0n,
    limitPx: 0n,
    stopPx: 0n,
    trailAmount: 0n,
    trailPercent: 0n,
    postOnly: false,
    extendedHours: false,
  };
}
