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
  traded: bigint;
  limit_px: bigint;
  /** Only where what it replaces has traded, or may yet: else it holds all by itself. */
  replaces: string | null;
  group_id: string | null;
  placed_at_us: bigint;
  /** It has ended, and none that took its place counts on what it traded. */
  over: boolean;
  ended_untraded: boolean;
}

/**
 * For a ledger that an older backup was restored to: what orders placed since hold is reserved anew, from their own rows, and
 * the reports that were set aside for want of it are applied. What was bought since covers a sale only once its report is applied, so
 * what is not covered is tried again for as long as anything moves. Money that came or went since is nobody's to make up here: an
 * order that is not covered without it is left, and said.
 */
export async function reserveAnew(
  orders: Db,
  ledger: Db,
  portfolio: Portfolio,
  applyReports = () => requeueReports(ledger),
): Promise<Repaired> {
  const repaired: Repaired = { reserved: 0, released: 0, requeued: 0, left: [] };
  let missing = await unreserved(orders, ledger);
  for (;;) {
    const before = repaired.reserved + repaired.requeued;
    const refused: { order: Unreserved; why: string }[] = [];
    for (const order of missing) {
      const why = await reserve(portfolio, order);
      if (why !== undefined) {
        refused.push({ order, why });
        continue;
      }
      repaired.reserved += 1;
      if (!order.ended_untraded) continue;
      await portfolio.release({ orderId: order.id, accountId: order.account_id, reason: 'ended without trading' });
      repaired.released += 1;
    }
    repaired.requeued += await applyReports();
    if (repaired.reserved + repaired.requeued === before) {
      repaired.left = refused.map(({ order, why }) => ({ order: order.id, why }));
      return repaired;
    }
    missing = refused.map(({ order }) => order);
  }
}

/** As they were placed: an order before those that replace it. They are as many as were placed since the backup. */
async function unreserved(orders: Db, ledger: Db): Promise<Unreserved[]> {
  const missing: Unreserved[] = [];
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await orders<Unreserved[]>`
      select placed.id, placed.account_id, placed.symbol, placed.side, placed.asked_qty as qty, placed.reserved, placed.reserved_asset,
        placed.cum_qty as traded, placed.limit_px, placed.group_id, placed.placed_at_us,
        case when old.status = 'replaced' and old.cum_qty = 0 then null else placed.replaces end as replaces,
        placed.finished_at_us > 0 and (placed.status <> 'replaced' or placed.cum_qty = 0)
          and (placed.replaces is null or old.status = 'replaced' and old.cum_qty = 0) as over,
        placed.finished_at_us > 0 and placed.cum_qty = 0 as ended_untraded
      from orders placed
      left join orders old on old.id = placed.replaces
      where placed.id > ${after} and placed.status <> 'fenced' and placed.reserved > 0
      order by placed.id limit ${PAGE}`;
    const last = rows.at(-1);
    if (last === undefined) break;
    const known = await readReservations(
      ledger,
      rows.map(({ id }) => id),
    );
    missing.push(...rows.filter(({ id }) => !known.has(id)));
    after = last.id;
  }
  return missing.toSorted((a, b) => Number(a.placed_at_us - b.placed_at_us));
}

/** Why not, where it was refused. */
async function reserve(portfolio: Portfolio, order: Unreserved): Promise<string | undefined> {
  if (order.group_id !== null) return 'it is one of a group';
  try {
    await portfolio.reserve({
      orderId: order.id,
      accountId: order.account_id,
      asset: order.reserved_asset,
      ...holdOf(order),
      symbol: order.symbol,
      side: order.side === 'buy' ? Side.SIDE_BUY : Side.SIDE_SELL,
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

/** What an order asked for; of one that is over what it traded, for the rest went back and may be another's by now. */
function holdOf({ side, qty, reserved, traded, over }: Unreserved): { qty: bigint; amount: bigint } {
  const asked = side === 'buy' ? qty : reserved;
  if (!over || traded >= asked) return { qty: asked, amount: reserved };
  const part = traded === 0n ? 1n : traded;
  return { qty: part, amount: (reserved * part + asked - 1n) / asked };
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
