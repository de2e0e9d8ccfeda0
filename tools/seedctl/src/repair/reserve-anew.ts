import { isAppError } from '@andvari/kit/base/errors';
import type { Db } from '@andvari/kit/db/types';
import { listDeadLetters } from '@andvari/kit/inbox/dead-letters';
import type { RpcClient } from '@andvari/kit/rpc/client';
import { Side } from '@andvari/proto/engine/v1/commands';
import type { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { readReservations } from '../verify/read-orders.ts';
import { applyAgain } from './apply-again.ts';

type Portfolio = Pick<RpcClient<typeof PortfolioServiceService>, 'reserve' | 'release'>;

const PAGE = 500;
/** What a fill is set aside for whose order the ledger does not know. */
const NOT_RESERVED = 'order_not_reserved';

export interface Repaired {
  /** Orders that hold again what they held. */
  reserved: number;
  /** Of these, those that had ended without trading, and hold nothing any more. */
  released: number;
  /** Fills and ends that are applied now. */
  requeued: number;
  /** Orders that a person has to look at, and why. */
  left: { order: string; why: string }[];
}

interface Unreserved {
  id: string;
  account_id: string;
  symbol: string;
  side: 'buy' | 'sell';
  qty: bigint;
  reserved: bigint;
  reserved_asset: string;
  limit_px: bigint;
  replaces: string | null;
  group_id: string | null;
  ended_untraded: boolean;
}

/**
 * For a ledger that an older backup was restored to: what orders placed since hold is reserved anew, from their own rows, and
 * the reports that were set aside for want of it are applied. Money that came or went since is nobody's to make up here: an
 * order that is not covered without it is left, and said.
 */
export async function reserveAnew(orders: Db, ledger: Db, portfolio: Portfolio): Promise<Repaired> {
  const repaired: Repaired = { reserved: 0, released: 0, requeued: 0, left: [] };
  for await (const missing of unreserved(orders, ledger)) {
    for (const order of missing) {
      const why = await reserve(portfolio, order);
      if (why !== undefined) {
        repaired.left.push({ order: order.id, why });
        continue;
      }
      repaired.reserved += 1;
      if (!order.ended_untraded) continue;
      await portfolio.release({ orderId: order.id, accountId: order.account_id, reason: 'ended without trading' });
      repaired.released += 1;
    }
  }
  repaired.requeued = await requeueReports(ledger);
  return repaired;
}

/** By their ids, which rise with the time: an order before those that replace it. */
async function* unreserved(orders: Db, ledger: Db): AsyncGenerator<Unreserved[]> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await orders<Unreserved[]>`
      select id, account_id, symbol, side, asked_qty as qty, reserved, reserved_asset, limit_px, replaces, group_id,
        finished_at_us > 0 and cum_qty = 0 as ended_untraded
      from orders where id > ${after} and status <> 'fenced' and reserved > 0
      order by id limit ${PAGE}`;
    const last = rows.at(-1);
    if (last === undefined) return;
    const known = await readReservations(
      ledger,
      rows.map(({ id }) => id),
    );
    yield rows.filter(({ id }) => !known.has(id));
    after = last.id;
  }
}

/** Why not, where it was refused. */
async function reserve(portfolio: Portfolio, order: Unreserved): Promise<string | undefined> {
  if (order.group_id !== null) return 'it is one of a group';
  try {
    await portfolio.reserve({
      orderId: order.id,
      accountId: order.account_id,
      asset: order.reserved_asset,
      amount: order.reserved,
      symbol: order.symbol,
      side: order.side === 'buy' ? Side.SIDE_BUY : Side.SIDE_SELL,
      qty: order.side === 'buy' ? order.qty : order.reserved,
      replaces: order.replaces ?? undefined,
      limitPx: order.limit_px === 0n ? undefined : order.limit_px,
      currency: undefined,
    });
    return undefined;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.reason === '' ? error.message : error.reason;
  }
}

async function requeueReports(ledger: Db): Promise<number> {
  let requeued = 0;
  for (let after: string | undefined; ; ) {
    const letters = await listDeadLetters(ledger, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    const last = letters.at(-1);
    if (last === undefined) return requeued;
    const ids = letters.filter(({ error }) => error.includes(NOT_RESERVED)).map(({ id }) => id);
    if (ids.length > 0) requeued += (await applyAgain(ledger, ids)).applied.length;
    after = last.id;
  }
}
