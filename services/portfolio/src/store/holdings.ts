import type { Db } from '@andvari/kit/db/types';
import { toMicros, toQuantity } from '@andvari/money';
import type { Lot } from '../domain/lots.ts';
import type { Position } from '../domain/position.ts';

export type HeldPosition = { readonly symbol: string; readonly position: Position; readonly reserved: bigint };

/** What is held now, by symbol. */
export async function listHoldings(
  db: Db,
  query: { accountId: string; after: string | undefined; limit: number },
): Promise<HeldPosition[]> {
  const { accountId, after, limit } = query;
  const rows = await db<PositionRow[]>`
    select position.symbol, position.qty, cost, average_cost, bought, sold, coalesce(ledger.reserved, 0) as reserved
    from positions position
    left join ledger_accounts ledger on ledger.account_id = position.account_id and ledger.asset = position.symbol
    where position.account_id = ${accountId} and position.qty > 0
      ${after === undefined ? db`` : db`and position.symbol > ${after}`}
    order by position.symbol limit ${limit}`;
  return rows.map(fromRow);
}

/** All that an account's worth is made of. */
export type Contents = {
  readonly cash: bigint;
  /** What its owner ever brought and took. */
  readonly brought: bigint;
  readonly taken: bigint;
  /** Everything ever held, one a symbol: what is gone has left its profit. */
  readonly positions: readonly { readonly symbol: string; readonly position: Position }[];
};

/** In one look: a trade between two would count twice or not at all. */
export async function findContents(db: Db, account: { id: string; currency: string }): Promise<Contents> {
  const rows = await db<(ContentsRow & Partial<PositionRow>)[]>`
    select coalesce(cash.posted, 0) as cash, coalesce(flow.brought, 0) as brought, coalesce(flow.taken, 0) as taken,
      position.symbol, position.qty, cost, average_cost, bought, sold
    from (select ${account.id}::uuid as id) asked
    left join ledger_accounts cash on cash.account_id = asked.id and cash.asset = ${account.currency}
    left join account_flows flow on flow.account_id = asked.id
    left join positions position on position.account_id = asked.id`;
  const [first] = rows;
  return {
    cash: first?.cash ?? 0n,
    brought: first?.brought ?? 0n,
    taken: first?.taken ?? 0n,
    positions: rows.filter(isPosition).map((row) => ({ symbol: row.symbol, position: positionFrom(row) })),
  };
}

export type ListedLot = Lot & {
  readonly symbol: string;
  readonly sequence: bigint;
  readonly proceeds: bigint;
  readonly closedAtUs: bigint | undefined;
};

/** The oldest first. */
export async function listLots(
  db: Db,
  query: { accountId: string; symbol: string; includeClosed: boolean; after: string | undefined; limit: number },
): Promise<ListedLot[]> {
  const { accountId, symbol, includeClosed, after, limit } = query;
  const rows = await db<LotRow[]>`
    select id, symbol, sequence, qty, cost, remaining, proceeds,
      (extract(epoch from opened_at) * 1000000)::bigint as opened_us,
      (extract(epoch from closed_at) * 1000000)::bigint as closed_us
    from lots
    where account_id = ${accountId}
      ${symbol === '' ? db`` : db`and symbol = ${symbol}`}
      ${includeClosed ? db`` : db`and remaining > 0`}
      ${after === undefined ? db`` : db`and sequence > ${after}::bigint`}
    order by sequence limit ${limit}`;
  return rows.map((row) => ({
    id: row.id,
    symbol: row.symbol,
    sequence: row.sequence,
    qty: toQuantity(row.qty),
    cost: toMicros(row.cost),
    remaining: toQuantity(row.remaining),
    proceeds: row.proceeds,
    openedAt: row.opened_us,
    closedAtUs: row.closed_us ?? undefined,
  }));
}

type PositionRow = {
  symbol: string;
  qty: bigint;
  cost: bigint;
  average_cost: bigint;
  bought: bigint;
  sold: bigint;
  reserved: bigint;
};

type ContentsRow = { cash: bigint; brought: bigint; taken: bigint };

type LotRow = {
  id: string;
  symbol: string;
  sequence: bigint;
  qty: bigint;
  cost: bigint;
  remaining: bigint;
  proceeds: bigint;
  opened_us: bigint;
  closed_us: bigint | null;
};

/** An account that never held anything is one row without a symbol. */
function isPosition<Row extends Partial<PositionRow>>(row: Row): row is Row & Omit<PositionRow, 'reserved'> {
  return typeof row.symbol === 'string';
}

function fromRow(row: PositionRow): HeldPosition {
  return { symbol: row.symbol, position: positionFrom(row), reserved: row.reserved };
}

function positionFrom(row: Omit<PositionRow, 'reserved'>): Position {
  return {
    qty: toQuantity(row.qty),
    cost: toMicros(row.cost),
    averageCost: toMicros(row.average_cost),
    bought: toMicros(row.bought),
    sold: toMicros(row.sold),
  };
}
