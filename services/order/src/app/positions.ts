import { isAppError } from '@andvari/kit/base/errors';
import { type Order, type OrderSpec, sameSpec } from '../domain/order.ts';
import { refuse, refuseDuplicate } from '../domain/refusal.ts';
import type { Holding } from '../ports/portfolio.ts';
import { findOrderOrFence, findOrdersOrFences } from '../store/read-orders.ts';
import type { Actor } from './change-request.ts';
import type { createChanging, ItemOutcome } from './changing.ts';
import type { Deps } from './deps.ts';
import { orderIdOf } from './order-id.ts';
import { type createPlacing, meanwhile, type Placer } from './placing.ts';
import { refusalError } from './refusals.ts';

/** How much of what is available: so many shares, millionths of it, or all. */
export type Part = { readonly qty: bigint } | { readonly ppm: bigint } | 'all';

export type CloseOutcome =
  | { readonly symbol: string; readonly order: Order }
  | { readonly symbol: string; readonly error: unknown };

export interface PositionDeps extends Pick<Deps, 'db' | 'portfolio' | 'market'> {
  placing: ReturnType<typeof createPlacing>;
  changing: ReturnType<typeof createChanging>;
}

const ONE = 1_000_000n;
/** How many are sold at once; the ledger takes them side by side. */
const AT_ONCE = 16;
/** After so many the next page waits for the next request. */
const MOST_CLOSED = 500;
/** How often one id may sell of one symbol: each time what cancelled orders have given back since. */
const MOST_SALES = 100;

/** Sells what is held, at market. What open orders hold of it stays theirs. */
export function createPositions({ db, portfolio, market, placing, changing }: PositionDeps) {
  return {
    async close(placer: Placer, symbol: string, clientOrderId: string, part: Part): Promise<Order> {
      const lookEarlier = () => earlierSale(placer, symbol, clientOrderId, part);
      const earlier = await lookEarlier();
      if (earlier !== undefined) return earlier;
      const available = await portfolio.available(placer.accountId, { symbol });
      const lot = market.of(symbol).instrument?.lot ?? 1n;
      const wanted = part === 'all' ? available : 'qty' in part ? part.qty : (available * part.ppm) / ONE;
      const qty = part === 'all' || 'ppm' in part ? wanted - (wanted % lot) : wanted;
      if (qty <= 0n) {
        const isHeld = (await portfolio.reservation(orderIdOf(placer.accountId, clientOrderId))) !== undefined;
        const other = isHeld ? await meanwhile(lookEarlier) : undefined;
        if (other !== undefined) return other;
        throw noPosition();
      }
      try {
        return await placing.place({ ...placer, clientOrderId, spec: marketSale(symbol, qty) });
      } catch (error) {
        // Another try was first, when another number was free.
        const other =
          isAppError(error) && error.reason === 'duplicate_client_order_id' ? await lookEarlier() : undefined;
        if (other !== undefined) return other;
        throw error;
      }
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
        // What is being cancelled is answered for there, and is sold when it is asked for again.
        const asked = page.holdings.filter(({ available }) => available > 0n || cancelled.length === 0);
        const soldBefore = await salesBefore(accountId, clientOrderId, asked);
        for (let next = 0; next < asked.length; next += AT_ONCE) {
          const some = asked.slice(next, next + AT_ONCE);
          const closing = some.map((holding) => closeOne(placer, clientOrderId, holding, soldBefore(holding)));
          closed.push(...(await Promise.all(closing)));
        }
      } while (after !== '' && closed.length < MOST_CLOSED);
      // Shares that a cancelled order held are free once the engine has said so.
      return { closed, cancelled, hasMore: moreToCancel || after !== '' || cancelled.length > 0 };
    },
  };

  /**
   * What an earlier try of the same request has made. A share is worked out when it is asked for the first time: then it was of
   * what was free before that sale.
   */
  async function earlierSale(
    { accountId, userId }: Placer,
    symbol: string,
    clientOrderId: string,
    part: Part,
  ): Promise<Order | undefined> {
    const found = await findOrderOrFence(db, orderIdOf(accountId, clientOrderId));
    if (found === undefined || found === 'fenced' || found.userId !== userId) return undefined;
    const qty = part !== 'all' && 'qty' in part ? part.qty : found.spec.qty;
    if (found.replaces === undefined && sameSpec(found.spec, marketSale(symbol, qty))) return found;
    throw refusalError(refuseDuplicate(found.id));
  }

  /** Which of these were sold under this id before: what is free of them now is what came free since. */
  async function salesBefore(accountId: string, clientOrderId: string, holdings: readonly Holding[]) {
    const idOf = ({ symbol }: Holding) => orderIdOf(accountId, saleName(clientOrderId, symbol));
    const sold = await findOrdersOrFences(db, holdings.map(idOf));
    return (holding: Holding) => sold.get(idOf(holding));
  }

  async function closeOne(
    placer: Placer,
    clientOrderId: string,
    { symbol, available }: Holding,
    before: Order | 'fenced' | undefined,
  ): Promise<CloseOutcome> {
    try {
      const first = { name: saleName(clientOrderId, symbol), last: before, available };
      const sale = before === undefined ? first : await nextSale(placer.accountId, first.name, symbol, before);
      const lot = market.of(symbol).instrument?.lot ?? 1n;
      const qty = sale.available - (sale.available % lot);
      if (qty === 0n) return isUnderWay(sale.last) ? { symbol, order: sale.last } : { symbol, error: noPosition() };
      const spec = marketSale(symbol, qty);
      return { symbol, order: await placing.place({ ...placer, clientOrderId: sale.name, spec }) };
    } catch (error) {
      if (isAppError(error)) return { symbol, error };
      throw error;
    }
  }

  /** What is free is looked at after the names: what the sales of before hold is not among it. */
  async function nextSale(accountId: string, firstName: string, symbol: string, before: Order | 'fenced') {
    let last = before;
    for (let sale = 2; sale <= MOST_SALES; sale += 1) {
      const name = `${firstName}.${sale}`;
      const found = await findOrderOrFence(db, orderIdOf(accountId, name));
      if (found === undefined) return { name, last, available: await portfolio.available(accountId, { symbol }) };
      last = found;
    }
    throw refusalError(refuseDuplicate(orderIdOf(accountId, `${firstName}.${MOST_SALES}`)));
  }
}

const saleName = (clientOrderId: string, symbol: string): string => `${clientOrderId}.${symbol}`;

function noPosition() {
  return refusalError(refuse('no_position', 'symbol'));
}

function isUnderWay(order: Order | 'fenced' | undefined): order is Order {
  return order !== undefined && order !== 'fenced' && order.life.finishedAtUs === 0n;
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
