import { microsecondsOf, on } from '@andvari/kit/db/tables';
import type { Db } from '@andvari/kit/db/types';
import { and, eq, gt, sql } from 'drizzle-orm';
import type { Lot } from '../domain/lots.ts';
import type { Position } from '../domain/position.ts';
import type { SplitUnderWay } from '../domain/split-under-way.ts';
import { accountFlows, ledgerAccounts, lots, positions } from './schema.ts';

export type HeldPosition = {
  readonly symbol: string;
  readonly position: Position;
  readonly reserved: bigint;
  readonly split: SplitUnderWay | undefined;
};

const { symbol, qty, cost, averageCost, bought, sold } = positions;
const position = { qty, cost, averageCost, bought, sold };
const zero = sql`0`;

/** The last split of what is held, in the same look as the holding; a while after it there is no price from before it. */
const split = sql<string | null>`(
  select concat_ws(' ', action.ratio_to, action.ratio_from, action.effective_at_us, (due.done_at is not null)::int)
  from corporate_action_accounts due join corporate_actions action on action.id = due.action_id
  where due.account_id = ${positions.accountId} and action.symbol = ${positions.symbol} and action.type = 'split'
    and (due.done_at is null or due.done_at > now() - interval '10 minutes')
  order by action.sequence desc limit 1)`;

function splitFrom(text: string | null): SplitUnderWay | undefined {
  if (text === null) return undefined;
  const [to = 1n, from = 1n, effectiveAtUs = 0n, counted = 0n] = text.split(' ').map(BigInt);
  return { to, from, effectiveAtUs, counted: counted === 1n };
}

/** What is held now, by symbol. */
export async function listHoldings(
  db: Db,
  query: { accountId: string; after: string | undefined; limit: number },
): Promise<HeldPosition[]> {
  const { accountId, after, limit } = query;
  const rows = await on(db)
    .select({ symbol, position, split, reserved: sql<bigint>`coalesce(${ledgerAccounts.reserved}, 0)` })
    .from(positions)
    .leftJoin(ledgerAccounts, and(eq(ledgerAccounts.accountId, positions.accountId), eq(ledgerAccounts.asset, symbol)))
    .where(and(eq(positions.accountId, accountId), gt(qty, zero), after === undefined ? undefined : gt(symbol, after)))
    .orderBy(symbol)
    .limit(limit);
  return rows.map((row) => ({ ...row, split: splitFrom(row.split) }));
}

/** All that an account's worth is made of. */
export type Contents = {
  readonly cash: bigint;
  /** What its owner ever brought and took. */
  readonly brought: bigint;
  readonly taken: bigint;
  /** Everything ever held, one a symbol: what is gone has left its profit. */
  readonly positions: readonly Omit<HeldPosition, 'reserved'>[];
};

/** In one look: a trade between two would count twice or not at all. */
export async function findContents(db: Db, account: { id: string; currency: string }): Promise<Contents> {
  const asked = sql`asked.id`;
  const rows = await on(db)
    .select({
      cash: sql<bigint>`coalesce(${ledgerAccounts.posted}, 0)`,
      brought: sql<bigint>`coalesce(${accountFlows.brought}, 0)`,
      taken: sql<bigint>`coalesce(${accountFlows.taken}, 0)`,
      held: { symbol, ...position },
      split,
    })
    .from(sql`(select ${account.id}::uuid as id) asked`)
    .leftJoin(ledgerAccounts, and(eq(ledgerAccounts.accountId, asked), eq(ledgerAccounts.asset, account.currency)))
    .leftJoin(accountFlows, eq(accountFlows.accountId, asked))
    .leftJoin(positions, eq(positions.accountId, asked));
  const [first] = rows;
  return {
    cash: first?.cash ?? 0n,
    brought: first?.brought ?? 0n,
    taken: first?.taken ?? 0n,
    positions: rows.flatMap((row) => (row.held === null ? [] : [positionOf(row.held, row.split)])),
  };
}

function positionOf({ symbol: of, ...held }: Position & { symbol: string }, splitting: string | null) {
  return { symbol: of, position: held, split: splitFrom(splitting) };
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
  const { accountId, includeClosed, after, limit } = query;
  const rows = await on(db)
    .select({
      id: lots.id,
      symbol: lots.symbol,
      sequence: lots.sequence,
      qty: lots.qty,
      cost: lots.cost,
      remaining: lots.remaining,
      proceeds: lots.proceeds,
      openedAt: microsecondsOf(lots.openedAtUs),
      closedAtUs: microsecondsOf(lots.closedAtUs),
    })
    .from(lots)
    .where(
      and(
        eq(lots.accountId, accountId),
        query.symbol === '' ? undefined : eq(lots.symbol, query.symbol),
        includeClosed ? undefined : gt(lots.remaining, zero),
        after === undefined ? undefined : gt(lots.sequence, sql`${after}::bigint`),
      ),
    )
    .orderBy(lots.sequence)
    .limit(limit);
  return rows.map((row) => ({ ...row, closedAtUs: row.closedAtUs ?? undefined }));
}
