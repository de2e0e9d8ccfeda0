import { setImmediate as nextTurn } from 'node:timers/promises';
import { pooledUuidV7 } from '@andvari/kit/base/uuid-v7';
import { bigintArray, textArray, unquotedArray, uuidArray } from '@andvari/kit/db/pg-array';
import { statement, unnested } from '@andvari/kit/db/tables';
import type { Tx } from '@andvari/kit/db/types';
import { amount, negate } from '@andvari/money';
import type { InferInsertModel } from 'drizzle-orm';
import type { Balances } from '../domain/balances.ts';
import type { ImportedAccount } from '../domain/imported-account.ts';
import type { AccountLedger } from '../domain/journal.ts';
import type { MoneyLine } from '../domain/posting.ts';
import type { ActivityRecord, SettlementBatch } from '../domain/settlement-batch.ts';
import { saveFlows } from './account-flows.ts';
import { insertMoneyLines } from './activities.ts';
import { saveBalances, saveEntries } from './locked-ledger.ts';
import { saveHoldings } from './save-settlement-batch.ts';
import { activities, executions, fundings, journals, reservations } from './schema.ts';

const insertFundings = statement({ made: fundings }, (db, { made }) =>
  db.insert(fundings).select(unnested(fundings, made)),
);
const insertJournals = statement({ made: journals }, (db, { made }) =>
  db.insert(journals).select(unnested(journals, made)),
);
const insertExecutions = statement({ made: executions }, (db, { made }) =>
  db.insert(executions).select(unnested(executions, made)),
);
const insertReservations = statement({ made: reservations }, (db, { made }) =>
  db.insert(reservations).select(unnested(reservations, made)),
);
const insertActivities = statement({ made: activities }, (db, { made }) =>
  db.insert(activities).select(unnested(activities, made)),
);

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
  readonly worths: {
    readonly accountIds: readonly string[];
    readonly atUs: readonly bigint[];
    readonly cash: readonly bigint[];
    readonly marketValue: readonly bigint[];
    readonly brought: readonly bigint[];
  };
};

/**
 * All that a past has left, table by table. Its journals are posted when they happened: what was told since knows nothing of them. While
 * PostgreSQL writes one table, the lists of the next are made here.
 */
export async function saveImported(tx: Tx, balances: Balances, imported: Imported): Promise<void> {
  const { accounts: opened, books, lines, worths } = imported;
  const changed = new Set([...balances.changed].filter((balance) => !balances.opened.has(balance)));
  await inTurn([
    () => insertLedgers(tx, balances, opened),
    () => saveBalances(tx, { changed }),
    () => insertJournals(tx, { made: balances.journals.map(journalRow) }),
    () => saveEntries(tx, balances),
    () => insertExecutions(tx, { made: books.newFills.map(executionRow) }),
    () => insertReservations(tx, { made: opened.flatMap((account) => reservationRows(account, balances, books)) }),
    () => saveHoldings(tx, books),
    () => insertActivities(tx, { made: books.activities.map(activityRow) }),
    () => insertWorths(tx, worths),
    () => insertFundings(tx, { made: opened.map(fundingRow) }),
    () => insertMoneyLines(tx, lines),
    () => saveFlows(tx, lines),
  ]);
}

/** They run in this order; each is sent without waiting for those before, a turn of the event loop later. The first failure is that of all. */
async function inTurn(writes: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  const sent: Promise<unknown>[] = [];
  for (const write of writes) {
    sent.push(write().catch((error: unknown) => failures.push(error)));
    await nextTurn();
  }
  await Promise.all(sent);
  if (failures.length > 0) throw failures[0];
}

function journalRow({ id, journal }: Balances['journals'][number]): InferInsertModel<typeof journals> {
  const { kind, reference, occurredAt } = journal;
  const nothing = { feeScheduleId: null, fxRateId: null, reason: null };
  return { id, kind, reference, occurredAtUs: occurredAt, postedAtUs: occurredAt, ...nothing };
}

/** One account after the other, as their key is: each next row goes where the last one went. */
async function insertWorths(tx: Tx, worths: Imported['worths']): Promise<void> {
  await tx`
    insert into snapshots (account_id, timeframe, at, cash, market_value, brought, taken)
      select account_id, '1D', to_timestamp(at_us::float8 / 1e6), cash, market_value, brought, 0
        from unnest(
          ${uuidArray(worths.accountIds)}::uuid[],
          ${bigintArray(worths.atUs)}::bigint[],
          ${bigintArray(worths.cash)}::bigint[],
          ${bigintArray(worths.marketValue)}::bigint[],
          ${bigintArray(worths.brought)}::bigint[]
        ) as new (account_id, at_us, cash, market_value, brought)
        order by account_id, at_us`;
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

function reservationRows(
  { id: accountId, currency, orders }: ImportedAccount,
  balances: Balances,
  books: SettlementBatch,
): InferInsertModel<typeof reservations>[] {
  const nothing = { feeScheduleId: null, replaces: null, askedQty: null, askedPrincipal: null };
  const alone = { groupId: null, groupType: null, groupLeg: null };
  return orders.map(({ orderId, symbol, side, limit, placedAtUs, endedAtUs }) => {
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
      ...nothing,
      ...alone,
    };
  });
}

/** Of a fill; nobody pays fees for what is imported. */
function activityRow({ fill, settlement, journalId, currency }: ActivityRecord): InferInsertModel<typeof activities> {
  const { accountId, symbol, qty, price, side: type, orderId, execId: reference, at: occurredAtUs } = fill;
  const { cash, realised } = settlement;
  const trade = { symbol, qty, price, amount: cash, currency, realised, inKind: 0n };
  return { id: pooledUuidV7(), accountId, type, orderId, reference, journalId, occurredAtUs, ...trade };
}
