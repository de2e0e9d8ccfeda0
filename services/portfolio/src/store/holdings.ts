import { microsecondsOf, on } from '@andvari/kit/db/tables';
import type { Db } from '@andvari/kit/db/types';
import { and, eq, gt, sql } from 'drizzle-orm';
import { dayOf, type HoldingDay } from '../domain/holding-day.ts';
import type { Lot } from '../domain/lots.ts';
import type { Position } from '../domain/position.ts';
import type { SplitUnderWay } from '../domain/split-under-way.ts';
import { moment } from './moments.ts';
import { accountFlows, activities, ledgerAccounts, lots, positions } from './schema.ts';

export type HeldPosition = {
  readonly symbol: string;
  readonly position: Position;
  readonly reserved: bigint;
  readonly split: SplitUnderWay | undefined;
  readonly day: HoldingDay | undefined;
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

/**
 * What has happened to what is held since a moment, in the same look: of one account and one symbol, and never more of the past than the
 * day so far. A split begins a stretch of its own.
 */
const since = (sinceUs: bigint) => sql<string | null>`(
  select string_agg(concat_ws(' ', added, net, paid), ',' order by stretch) from (
    select stretch, sum(case when type = 'split' then qty else 0 end) as added,
      sum(case type when 'buy' then qty when 'sell' then -qty when 'adjustment' then qty else 0 end) as net,
      sum(in_kind - amount) as paid
    from (
      select line.*, count(*) filter (where line.type = 'split') over (order by line.occurred_at, line.id) as stretch
      from ${activities} line where line.account_id = ${positions.accountId} and line.symbol = ${positions.symbol}
        and line.occurred_at >= ${moment(sinceUs)}) lines
    group by stretch) stretches)`;

function dayFrom(held: bigint, sinceUs: bigint, text: string | null): HoldingDay | undefined {
  if (sinceUs === 0n) return undefined;
  const stretches = (text ?? '').split(',').filter((part) => part !== '');
  return dayOf(
    held,
    sinceUs,
    stretches.map((stretch) => {
      const [added = 0n, net = 0n, paid = 0n] = stretch.split(' ').map(BigInt);
      return { split: added, net, paid };
    }),
  );
}

/** What is held now, by symbol; `sinceUs` is the market's close before, 0 where nobody knows it. */
export async function listHoldings(
  db: Db,
  query: { accountId: string; after: string | undefined; limit: number },
  sinceUs: bigint,
): Promise<HeldPosition[]> {
  const { accountId, after, limit } = query;
  const reserved = sql<bigint>`coalesce(${ledgerAccounts.reserved}, 0)`;
  const rows = await on(db)
    .select({ symbol, position, split, day: since(sinceUs), reserved })
    .from(positions)
    .leftJoin(ledgerAccounts, and(eq(ledgerAccounts.accountId, positions.accountId), eq(ledgerAccounts.asset, symbol)))
    .where(and(eq(positions.accountId, accountId), gt(qty, zero), after === undefined ? undefined : gt(symbol, after)))
    .orderBy(symbol)
    .limit(limit);
  return rows.map((row) => ({
    ...row,
    split: splitFrom(row.split),
    day: dayFrom(row.position.qty, sinceUs, row.day),
  }));
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
export async function findContents(
  db: Db,
  account: { id: string; currency: string },
  sinceUs: bigint,
): Promise<Contents> {
  const asked = sql`asked.id`;
  const rows = await on(db)
    .select({
      cash: sql<bigint>`coalesce(${ledgerAccounts.posted}, 0)`,
      brought: sql<bigint>`coalesce(${accountFlows.brought}, 0)`,
      taken: sql<bigint>`coalesce(${accountFlows.taken}, 0)`,
      held: { symbol, ...position },
      split,
      day: since(sinceUs),
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
    positions: rows.flatMap(({ held, split: splitting, day }) => {
      if (held === null) return [];
      const { symbol: of, ...known } = held;
      return [{ symbol: of, position: known, split: splitFrom(splitting), day: dayFrom(known.qty, sinceUs, day) }];
    }),
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
