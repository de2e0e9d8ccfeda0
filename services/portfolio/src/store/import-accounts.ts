import { pooledUuidV7 } from '@andvari/kit/base/uuid-v7';
import { copyRows } from '@andvari/kit/db/copy-rows';
import { bigintArray, textArray, unquotedArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import { amount, negate } from '@andvari/money';
import type { InferInsertModel } from 'drizzle-orm';
import type { Balances } from '../domain/balances.ts';
import type { ImportedAccount, ImportedOrder, Worth } from '../domain/imported-account.ts';
import type { AccountLedger } from '../domain/journal.ts';
import type { MoneyLine } from '../domain/posting.ts';
import type {
  ActivityRecord,
  ClosingRecord,
  LotRecord,
  PositionRecord,
  SettlementBatch,
} from '../domain/settlement-batch.ts';
import { saveFlows } from './account-flows.ts';
import { saveBalances } from './locked-ledger.ts';
import {
  activities,
  entries,
  executions,
  fundings,
  journals,
  lotClosings,
  lots,
  positions,
  reservations,
  snapshots,
} from './schema.ts';

/** Answers the ids that were not there. Whoever imports one of them at the same moment waits here for the other to commit. */
export async function insertImportedAccounts(
  tx: Tx,
  made: readonly (ImportedAccount & { number: string })[],
): Promise<Set<string>> {
  const inserted = await tx<{ id: string }[]>`
    insert into accounts (id, user_id, number, kind, currency, name, opened_at)
      select id, user_id, number, kind, currency, name, to_timestamp(opened_us::float8 / 1e6)
        from unnest(
          ${uuidArray(made.map(({ id }) => id))}::uuid[],
          ${uuidArray(made.map(({ userId }) => userId))}::uuid[],
          ${unquotedArray(made.map(({ number }) => number))}::text[],
          ${unquotedArray(made.map(({ kind }) => kind))}::text[],
          ${unquotedArray(made.map(({ currency }) => currency))}::text[],
          ${textArray(made.map(({ name }) => name))}::text[],
          ${bigintArray(made.map(({ openedAtUs }) => openedAtUs))}::bigint[]
        ) as new (id, user_id, number, kind, currency, name, opened_us)
        order by id
      on conflict (id) do nothing
      returning id`;
  return new Set(inserted.map(({ id }) => id));
}

/** For ledger accounts that are written with the rest: nobody else can know of them, so nobody needs to be kept out. */
export async function withIds(
  tx: Tx,
  ledgers: readonly AccountLedger[],
): Promise<{ readonly ledger: AccountLedger; readonly id: bigint }[]> {
  const rows = await tx<{ id: bigint }[]>`
    select nextval(pg_get_serial_sequence('ledger_accounts', 'id')) as id from generate_series(1, ${ledgers.length}::int)`;
  return rows.flatMap(({ id }, index) => {
    const ledger = ledgers[index];
    return ledger === undefined ? [] : { ledger, id };
  });
}

/** As they stand at the end, before the entries that say so. */
async function insertLedgers(tx: Tx, { opened }: Balances, accounts: readonly ImportedAccount[]): Promise<void> {
  const currencies = new Map(accounts.map(({ id, currency }) => [id, currency]));
  const rows = [...opened].map(([balance, { accountId, asset }]) => {
    return { ...balance, accountId, asset, kind: currencies.get(accountId) === asset ? 'cash' : 'position' };
  });
  await tx`
    insert into ledger_accounts (id, account_id, kind, asset, posted, reserved, version)
      overriding system value
      select * from unnest(
        ${bigintArray(rows.map(({ id }) => id))}::bigint[],
        ${uuidArray(rows.map(({ accountId }) => accountId))}::uuid[],
        ${unquotedArray(rows.map(({ kind }) => kind))}::text[],
        ${textArray(rows.map(({ asset }) => asset))}::text[],
        ${bigintArray(rows.map(({ posted }) => posted))}::bigint[],
        ${bigintArray(rows.map(({ reserved }) => reserved))}::bigint[],
        ${bigintArray(rows.map(({ version }) => version))}::bigint[])`;
}

type Imported = {
  readonly accounts: readonly ImportedAccount[];
  readonly books: SettlementBatch;
  readonly lines: readonly MoneyLine[];
  readonly worths: readonly Worth[];
};

/**
 * All that a past has left, table by table, balances before their entries. Its journals are posted when they happened: what was told since
 * knows nothing of them. While PostgreSQL writes what it has of a table, more of it is made here.
 */
export async function saveImported(tx: Tx, balances: Balances, imported: Imported): Promise<void> {
  const { accounts: opened, books, lines, worths } = imported;
  const changed = new Set([...balances.changed].filter((balance) => !balances.opened.has(balance)));
  await insertLedgers(tx, balances, opened);
  await saveBalances(tx, { changed });
  await copyRows(tx, journals, balances.journals, journalRow);
  await copyRows(tx, entries, balances.entries, (entry) => entry);
  await copyRows(tx, executions, books.newFills, executionRow);
  await copyRows(tx, reservations, pastOrders(opened), (order) => reservationRow(order, balances, books));
  await copyRows(tx, positions, books.positions.values(), positionRow);
  await copyRows(tx, lots, books.newLots.values(), lotRow);
  await copyRows(tx, lotClosings, books.closings, closingRow);
  await copyRows(tx, activities, books.activities, activityRow);
  await copyRows(tx, activities, lines, moneyLineRow);
  await copyRows(tx, snapshots, worths, snapshotRow);
  await copyRows(tx, fundings, opened, fundingRow);
  await saveFlows(tx, lines);
}

function journalRow({ id, journal }: Balances['journals'][number]): InferInsertModel<typeof journals> {
  const { kind, reference, occurredAt } = journal;
  return { id, kind, reference, occurredAtUs: occurredAt, postedAtUs: occurredAt };
}

function fundingRow(account: ImportedAccount): InferInsertModel<typeof fundings> {
  const { id: accountId, userId, currency, depositId: id, deposit, openedAtUs: at } = account;
  const times = { requestedAtUs: at, updatedAtUs: at, dueAtUs: at };
  return {
    id,
    accountId,
    userId,
    currency,
    amount: deposit,
    type: 'deposit',
    state: 'settled',
    reason: '',
    attempts: 0,
    ...times,
  };
}

function executionRow({ fill, journalId }: SettlementBatch['newFills'][number]): InferInsertModel<typeof executions> {
  const { execId, tradeId, accountId, orderId, symbol, digest, at: occurredAtUs } = fill;
  const value = amount(fill.price, fill.qty);
  const moved =
    fill.side === 'buy' ? { qty: fill.qty, amount: negate(value) } : { qty: negate(fill.qty), amount: value };
  return { execId, tradeId, accountId, orderId, symbol, digest, occurredAtUs, journalId, ...moved };
}

type PastOrder = { readonly account: ImportedAccount; readonly order: ImportedOrder };

function* pastOrders(accounts: readonly ImportedAccount[]): Generator<PastOrder> {
  for (const account of accounts) for (const order of account.orders) yield { account, order };
}

function reservationRow(
  { account: { id: accountId, currency }, order }: PastOrder,
  balances: Balances,
  books: SettlementBatch,
): InferInsertModel<typeof reservations> {
  const { orderId, symbol, side, limit, placedAtUs, endedAtUs } = order;
  const held = balances.find({ of: 'account', accountId, asset: side === 'buy' ? currency : symbol });
  const reservation = books.reservation(orderId)?.reservation;
  if (held === undefined || reservation === undefined) throw new Error(`order ${orderId} holds nothing here`);
  const { state, qty, filled, carried, principal, feeCap, remaining, traded, feePaid } = reservation;
  return {
    id: orderId,
    purpose: 'order',
    ledgerAccountId: held.id,
    accountId,
    side,
    symbol,
    state,
    qty,
    filled,
    carried,
    principal,
    feeCap,
    remaining,
    traded,
    feePaid,
    createdAtUs: placedAtUs,
    closedAtUs: endedAtUs,
    limitPrice: limit ?? null,
  };
}

function positionRow({ accountId, symbol, position, at }: PositionRecord): InferInsertModel<typeof positions> {
  const { qty, cost, averageCost, bought, sold } = position;
  return { accountId, symbol, qty, cost, averageCost, bought, sold, openedAtUs: at, updatedAtUs: at };
}

function lotRow({ lot, proceeds, accountId, symbol, at }: LotRecord): InferInsertModel<typeof lots> {
  const { id, qty, cost, remaining, openedAt: openedAtUs } = lot;
  const closedAtUs = remaining === 0n ? at : null;
  return { accountId, id, symbol, openedAtUs, closedAtUs, qty, cost, remaining, proceeds };
}

function closingRow({ movement, closing }: ClosingRecord): InferInsertModel<typeof lotClosings> {
  const { accountId, execId, at: closedAtUs } = movement;
  const { lotId, qty, cost, proceeds } = closing;
  return { accountId, lotId, execId, qty, cost, proceeds, closedAtUs };
}

function moneyLineRow(line: MoneyLine): InferInsertModel<typeof activities> {
  const { accountId, journalId, type, amount: moved, currency, journal } = line;
  const { reference, occurredAt: occurredAtUs } = journal;
  return {
    accountId,
    occurredAtUs,
    id: journalId,
    type,
    amount: moved,
    currency,
    journalId,
    reference,
    ...NO_SHARES_MOVED,
  };
}

const NO_SHARES_MOVED = { realised: 0n, inKind: 0n };

function snapshotRow(worth: Worth): InferInsertModel<typeof snapshots> {
  const { accountId, atUs, cash, marketValue, brought } = worth;
  return { accountId, timeframe: '1D', atUs, cash, marketValue, brought, taken: 0n };
}

/** Of a fill; nobody pays fees for what is imported. */
function activityRow({ fill, settlement, journalId, currency }: ActivityRecord): InferInsertModel<typeof activities> {
  const { accountId, symbol, qty, price, side: type, orderId, execId: reference, at: occurredAtUs } = fill;
  const { cash, realised } = settlement;
  const trade = { symbol, qty, price, amount: cash, currency, realised, inKind: 0n };
  return { id: pooledUuidV7(), accountId, type, orderId, reference, journalId, occurredAtUs, ...trade };
}
