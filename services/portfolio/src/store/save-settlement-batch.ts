import { bigintArray, textArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Statement, Tx } from '@andvari/kit/db/types';

import type { SettlementBatch } from '../domain/settlement-batch.ts';

/** Writes how holdings changed without a trade, one statement a table, all sent together. */
export async function saveHoldings(tx: Tx, books: SettlementBatch): Promise<void> {
  await Promise.all([savePositions(tx, books), openLots(tx, books), changeLots(tx, books), saveClosings(tx, books)]);
}

async function savePositions(tx: Tx, books: SettlementBatch): Promise<void> {
  const rows = [...books.changedPositions].flatMap((key) => books.positions.get(key) ?? []);
  if (rows.length === 0) return;
  await tx`
    insert into positions as known (account_id, symbol, qty, cost, average_cost, bought, sold, opened_at, updated_at)
      select account_id, symbol, qty, cost, average_cost, bought, sold,
          to_timestamp(at_us::float8 / 1e6), to_timestamp(at_us::float8 / 1e6)
        from unnest(
          ${uuidArray(rows.map((row) => row.accountId))}::uuid[],
          ${textArray(rows.map((row) => row.symbol))}::text[],
          ${bigintArray(rows.map((row) => row.position.qty))}::bigint[],
          ${bigintArray(rows.map((row) => row.position.cost))}::bigint[],
          ${bigintArray(rows.map((row) => row.position.averageCost))}::bigint[],
          ${bigintArray(rows.map((row) => row.position.bought))}::bigint[],
          ${bigintArray(rows.map((row) => row.position.sold))}::bigint[],
          ${bigintArray(rows.map((row) => row.at))}::bigint[]
        ) as new (account_id, symbol, qty, cost, average_cost, bought, sold, at_us)
      on conflict (account_id, symbol) do update set qty = excluded.qty, cost = excluded.cost,
        average_cost = excluded.average_cost, bought = excluded.bought, sold = excluded.sold, updated_at = excluded.updated_at,
        opened_at = case when known.qty = 0 then excluded.opened_at else known.opened_at end`;
}

/** In the order the fills came, which is the order they will be sold in. */
async function openLots(tx: Tx, books: SettlementBatch): Promise<void> {
  const rows = [...books.newLots.values()];
  if (rows.length === 0) return;
  await tx`
    insert into lots (account_id, id, symbol, opened_at, closed_at, qty, cost, remaining, proceeds)
      select account_id, id, symbol, to_timestamp(opened_us::float8 / 1e6),
          case when remaining = 0 then to_timestamp(at_us::float8 / 1e6) end, qty, cost, remaining, proceeds
        from unnest(
          ${uuidArray(rows.map((row) => row.accountId))}::uuid[],
          ${textArray(rows.map((row) => row.lot.id))}::text[],
          ${textArray(rows.map((row) => row.symbol))}::text[],
          ${bigintArray(rows.map((row) => row.lot.openedAt))}::bigint[],
          ${bigintArray(rows.map((row) => row.at))}::bigint[],
          ${bigintArray(rows.map((row) => row.lot.qty))}::bigint[],
          ${bigintArray(rows.map((row) => row.lot.cost))}::bigint[],
          ${bigintArray(rows.map((row) => row.lot.remaining))}::bigint[],
          ${bigintArray(rows.map((row) => row.proceeds))}::bigint[]
        ) with ordinality as new (account_id, id, symbol, opened_us, at_us, qty, cost, remaining, proceeds, ordinal)
        order by ordinal`;
}

export function changeLots(tx: Tx, books: SettlementBatch): Statement | undefined {
  const rows = [...books.changedLots.values()];
  if (rows.length === 0) return undefined;
  return tx`
    update lots lot set remaining = new.remaining, proceeds = lot.proceeds + new.proceeds,
        closed_at = case when new.remaining = 0 then to_timestamp(new.at_us::float8 / 1e6) end
      from unnest(
        ${uuidArray(rows.map((row) => row.accountId))}::uuid[],
        ${textArray(rows.map((row) => row.lot.id))}::text[],
        ${bigintArray(rows.map((row) => row.lot.remaining))}::bigint[],
        ${bigintArray(rows.map((row) => row.proceeds))}::bigint[],
        ${bigintArray(rows.map((row) => row.at))}::bigint[]
      ) as new (account_id, id, remaining, proceeds, at_us)
      where lot.account_id = new.account_id and lot.id = new.id`;
}

export function saveClosings(tx: Tx, { closings }: SettlementBatch): Statement | undefined {
  if (closings.length === 0) return undefined;
  return tx`
    insert into lot_closings (account_id, lot_id, exec_id, qty, cost, proceeds, closed_at)
      select account_id, lot_id, exec_id, qty, cost, proceeds, to_timestamp(at_us::float8 / 1e6)
        from unnest(
          ${uuidArray(closings.map(({ movement }) => movement.accountId))}::uuid[],
          ${textArray(closings.map(({ closing }) => closing.lotId))}::text[],
          ${textArray(closings.map(({ movement }) => movement.execId))}::text[],
          ${bigintArray(closings.map(({ closing }) => closing.qty))}::bigint[],
          ${bigintArray(closings.map(({ closing }) => closing.cost))}::bigint[],
          ${bigintArray(closings.map(({ closing }) => closing.proceeds))}::bigint[],
          ${bigintArray(closings.map(({ movement }) => movement.at))}::bigint[]
        ) as new (account_id, lot_id, exec_id, qty, cost, proceeds, at_us)`;
}
