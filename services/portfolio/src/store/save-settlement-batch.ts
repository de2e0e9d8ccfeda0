import { numbers, texts, words } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import { amount, negate } from '@andvari/money';
import type { ActivityRecord, SettlementBatch } from '../domain/settlement-batch.ts';

/** Writes what a batch changed, one statement a table, all sent together. */
export async function saveSettlementBatch(tx: Tx, books: SettlementBatch): Promise<void> {
  await Promise.all([
    saveReservations(tx, books),
    savePositions(tx, books),
    openLots(tx, books),
    changeLots(tx, books),
    saveClosings(tx, books),
    saveActivities(tx, books),
    saveExecutions(tx, books),
  ]);
}

async function saveReservations(tx: Tx, books: SettlementBatch): Promise<void> {
  const rows = [...books.changedReservations].flatMap((id) => books.reservations.get(id)?.reservation ?? []);
  if (rows.length === 0) return;
  await tx`
    update reservations held set asked_qty = coalesce(held.asked_qty, nullif(held.qty, new.qty)),
        asked_principal = coalesce(held.asked_principal, nullif(held.principal, new.principal)), state = new.state, qty = new.qty, filled = new.filled, carried = new.carried, principal = new.principal,
        remaining = new.remaining, traded = new.traded, fee_paid = new.fee_paid,
        closed_at = case when new.state = 'closed' then coalesce(held.closed_at, now()) end
      from unnest(
        ${words(rows.map((row) => row.orderId))}::uuid[],
        ${texts(rows.map((row) => row.state))}::text[],
        ${numbers(rows.map((row) => row.qty))}::bigint[],
        ${numbers(rows.map((row) => row.filled))}::bigint[],
        ${numbers(rows.map((row) => row.carried))}::bigint[],
        ${numbers(rows.map((row) => row.principal))}::bigint[],
        ${numbers(rows.map((row) => row.remaining))}::bigint[],
        ${numbers(rows.map((row) => row.traded))}::bigint[],
        ${numbers(rows.map((row) => row.feePaid))}::bigint[]
      ) as new (id, state, qty, filled, carried, principal, remaining, traded, fee_paid)
      where held.id = new.id`;
}

async function savePositions(tx: Tx, books: SettlementBatch): Promise<void> {
  const rows = [...books.changedPositions].flatMap((key) => books.positions.get(key) ?? []);
  if (rows.length === 0) return;
  await tx`
    insert into positions as known (account_id, symbol, qty, cost, average_cost, bought, sold, opened_at, updated_at)
      select account_id, symbol, qty, cost, average_cost, bought, sold,
          to_timestamp(at_us::float8 / 1e6), to_timestamp(at_us::float8 / 1e6)
        from unnest(
          ${words(rows.map((row) => row.accountId))}::uuid[],
          ${texts(rows.map((row) => row.symbol))}::text[],
          ${numbers(rows.map((row) => row.position.qty))}::bigint[],
          ${numbers(rows.map((row) => row.position.cost))}::bigint[],
          ${numbers(rows.map((row) => row.position.averageCost))}::bigint[],
          ${numbers(rows.map((row) => row.position.bought))}::bigint[],
          ${numbers(rows.map((row) => row.position.sold))}::bigint[],
          ${numbers(rows.map((row) => row.at))}::bigint[]
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
          ${words(rows.map((row) => row.accountId))}::uuid[],
          ${texts(rows.map((row) => row.lot.id))}::text[],
          ${texts(rows.map((row) => row.symbol))}::text[],
          ${numbers(rows.map((row) => row.lot.openedAt))}::bigint[],
          ${numbers(rows.map((row) => row.at))}::bigint[],
          ${numbers(rows.map((row) => row.lot.qty))}::bigint[],
          ${numbers(rows.map((row) => row.lot.cost))}::bigint[],
          ${numbers(rows.map((row) => row.lot.remaining))}::bigint[],
          ${numbers(rows.map((row) => row.proceeds))}::bigint[]
        ) with ordinality as new (account_id, id, symbol, opened_us, at_us, qty, cost, remaining, proceeds, ordinal)
        order by ordinal`;
}

async function changeLots(tx: Tx, books: SettlementBatch): Promise<void> {
  const rows = [...books.changedLots.values()];
  if (rows.length === 0) return;
  await tx`
    update lots lot set remaining = new.remaining, proceeds = lot.proceeds + new.proceeds,
        closed_at = case when new.remaining = 0 then to_timestamp(new.at_us::float8 / 1e6) end
      from unnest(
        ${words(rows.map((row) => row.accountId))}::uuid[],
        ${texts(rows.map((row) => row.lot.id))}::text[],
        ${numbers(rows.map((row) => row.lot.remaining))}::bigint[],
        ${numbers(rows.map((row) => row.proceeds))}::bigint[],
        ${numbers(rows.map((row) => row.at))}::bigint[]
      ) as new (account_id, id, remaining, proceeds, at_us)
      where lot.account_id = new.account_id and lot.id = new.id`;
}

async function saveClosings(tx: Tx, { closings }: SettlementBatch): Promise<void> {
  if (closings.length === 0) return;
  await tx`
    insert into lot_closings (account_id, lot_id, exec_id, qty, cost, proceeds, closed_at)
      select account_id, lot_id, exec_id, qty, cost, proceeds, to_timestamp(at_us::float8 / 1e6)
        from unnest(
          ${words(closings.map(({ movement }) => movement.accountId))}::uuid[],
          ${texts(closings.map(({ closing }) => closing.lotId))}::text[],
          ${texts(closings.map(({ movement }) => movement.execId))}::text[],
          ${numbers(closings.map(({ closing }) => closing.qty))}::bigint[],
          ${numbers(closings.map(({ closing }) => closing.cost))}::bigint[],
          ${numbers(closings.map(({ closing }) => closing.proceeds))}::bigint[],
          ${numbers(closings.map(({ movement }) => movement.at))}::bigint[]
        ) as new (account_id, lot_id, exec_id, qty, cost, proceeds, at_us)`;
}

/** What was settled, for ever: nothing is settled twice, and what a fill said then can be compared with what it says now. */
async function saveExecutions(tx: Tx, { newFills }: SettlementBatch): Promise<void> {
  if (newFills.length === 0) return;
  await tx`
    insert into executions (exec_id, trade_id, account_id, order_id, symbol, qty, amount, occurred_at, digest)
      select exec_id, nullif(trade_id, ''), account_id, order_id, symbol, qty, amount, to_timestamp(at_us::float8 / 1e6), digest
        from unnest(
          ${texts(newFills.map(({ execId }) => execId))}::text[],
          ${texts(newFills.map(({ tradeId }) => tradeId))}::text[],
          ${words(newFills.map(({ accountId }) => accountId))}::uuid[],
          ${words(newFills.map(({ orderId }) => orderId))}::uuid[],
          ${texts(newFills.map(({ symbol }) => symbol))}::text[],
          ${numbers(newFills.map(({ side, qty }) => (side === 'buy' ? qty : negate(qty))))}::bigint[],
          ${numbers(newFills.map(({ side, price, qty }) => (side === 'buy' ? negate(amount(price, qty)) : amount(price, qty))))}::bigint[],
          ${numbers(newFills.map(({ at }) => at))}::bigint[],
          ${texts(newFills.map(({ digest }) => digest))}::text[]
        ) as new (exec_id, trade_id, account_id, order_id, symbol, qty, amount, at_us, digest)`;
}

async function saveActivities(tx: Tx, { activities }: SettlementBatch): Promise<void> {
  if (activities.length === 0) return;
  const rows = activities.map((record) => ({ ...record, line: lineOf(record) }));
  await tx`
    insert into activities
        (account_id, occurred_at, id, type, symbol, qty, price, amount, currency, journal_id, reference, order_id, realised)
      select account_id, to_timestamp(at_us::float8 / 1e6), journal_id, type, symbol, qty, price, amount, currency,
          journal_id, reference, order_id, realised
        from unnest(
          ${words(rows.map(({ fill }) => fill.accountId))}::uuid[],
          ${numbers(rows.map(({ fill }) => fill.at))}::bigint[],
          ${words(rows.map(({ journalId }) => journalId))}::uuid[],
          ${texts(rows.map(({ line }) => line.type))}::text[],
          ${texts(rows.map(({ fill }) => fill.symbol))}::text[],
          ${numbers(rows.map(({ fill }) => fill.qty))}::bigint[],
          ${numbers(rows.map(({ fill }) => fill.price))}::bigint[],
          ${numbers(rows.map(({ line }) => line.amount))}::bigint[],
          ${texts(rows.map(({ currency }) => currency))}::text[],
          ${texts(rows.map(({ fill }) => fill.execId))}::text[],
          ${words(rows.map(({ fill }) => fill.orderId))}::uuid[],
          ${numbers(rows.map(({ line }) => line.realised))}::bigint[]
        ) as new (account_id, at_us, journal_id, type, symbol, qty, price, amount, currency, reference, order_id, realised)`;
}

/** A fill and its fee are a line each. */
function lineOf({ kind, fill, settlement }: ActivityRecord): { type: string; amount: bigint; realised: bigint } {
  if (kind === 'fee') return { type: 'fee', amount: negate(settlement.fee), realised: 0n };
  return { type: fill.side, amount: settlement.cash + settlement.fee, realised: settlement.realised };
}
