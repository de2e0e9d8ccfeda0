import { bytes, int64, timeUs } from '@andvari/kit/db/tables';
import type { BasisPoints, Micros, Quantity } from '@andvari/money';
import { boolean, integer, jsonb, numeric, primaryKey, smallint, snakeCase, text, uuid } from 'drizzle-orm/pg-core';
import { ACTIVITY_TYPES } from '../domain/activity.ts';
import type { Currency } from '../domain/asset.ts';

/**
 * The tables as queries see them. Checks, indexes and defaults are in migrations/; a test holds the two against each other.
 * The ledger is written by functions and sets in SQL; what is asked of it here is asked by people. Its times have
 * microseconds: they are read with `microsecondsOf`, for a plain column ends with the milliseconds.
 */

const micros = () => int64().$type<Micros>();
const quantity = () => int64().$type<Quantity>();

export const feeSchedules = snakeCase.table('fee_schedules', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  effectiveFromUs: timeUs('effective_from').notNull(),
  perOrder: micros().notNull(),
  perShare: micros().notNull(),
  basisPoints: int64().$type<BasisPoints>().notNull(),
  minimum: micros().notNull(),
  maximum: micros(),
  createdBy: uuid(),
  createdAtUs: timeUs('created_at').notNull(),
});

export const fxRates = snakeCase.table('fx_rates', {
  id: uuid().primaryKey(),
  base: text().notNull(),
  quote: text().notNull(),
  rate: int64().notNull(),
  asOfUs: timeUs('as_of').notNull(),
  numerator: numeric(),
  denominator: numeric(),
  spread: int64().notNull(),
  source: text().notNull(),
});

export const journals = snakeCase.table('journals', {
  id: uuid().primaryKey(),
  kind: text({
    enum: ['fill', 'fee', 'deposit', 'withdrawal', 'transfer', 'fx', 'adjustment', 'dividend', 'split'],
  }).notNull(),
  reference: text().notNull(),
  occurredAtUs: timeUs('occurred_at').notNull(),
  postedAtUs: timeUs('posted_at').notNull(),
  feeScheduleId: uuid().references(() => feeSchedules.id),
  fxRateId: uuid().references(() => fxRates.id),
  reason: text(),
});

export const positions = snakeCase.table(
  'positions',
  {
    accountId: uuid().notNull(),
    symbol: text().notNull(),
    qty: quantity().notNull(),
    cost: micros().notNull(),
    averageCost: micros().notNull(),
    bought: micros().notNull(),
    sold: micros().notNull(),
    openedAtUs: timeUs('opened_at').notNull(),
    updatedAtUs: timeUs('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.symbol] })],
);

export const ledgerAccounts = snakeCase.table('ledger_accounts', {
  id: int64().primaryKey().generatedAlwaysAsIdentity(),
  accountId: uuid().notNull(),
  kind: text().notNull(),
  asset: text().notNull(),
  posted: int64().notNull(),
  reserved: int64().notNull(),
  version: int64().notNull(),
  mayGoNegative: boolean().notNull(),
});

export const reservations = snakeCase.table('reservations', {
  id: uuid().primaryKey(),
  purpose: text({ enum: ['order', 'withdrawal'] }).notNull(),
  ledgerAccountId: int64()
    .notNull()
    .references(() => ledgerAccounts.id),
  accountId: uuid().notNull(),
  side: text({ enum: ['buy', 'sell'] }),
  symbol: text(),
  state: text({ enum: ['open', 'closed'] }).notNull(),
  qty: int64().notNull(),
  filled: int64().notNull(),
  carried: int64().notNull(),
  principal: int64().notNull(),
  feeCap: int64().notNull(),
  remaining: int64().notNull(),
  traded: int64().notNull(),
  feePaid: int64().notNull(),
  feeScheduleId: uuid().references(() => feeSchedules.id),
  replaces: uuid(),
  createdAtUs: timeUs('created_at').notNull(),
  closedAtUs: timeUs('closed_at'),
  askedQty: int64(),
  askedPrincipal: int64(),
  limitPrice: int64(),
  groupId: uuid(),
  groupType: text({ enum: ['bracket', 'oco', 'oto'] }),
  groupLeg: smallint(),
});

export const lots = snakeCase.table(
  'lots',
  {
    accountId: uuid().notNull(),
    id: text().notNull(),
    symbol: text().notNull(),
    sequence: int64().generatedAlwaysAsIdentity(),
    openedAtUs: timeUs('opened_at').notNull(),
    closedAtUs: timeUs('closed_at'),
    qty: quantity().notNull(),
    cost: micros().notNull(),
    remaining: quantity().notNull(),
    proceeds: int64().notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);

export const lotClosings = snakeCase.table(
  'lot_closings',
  {
    accountId: uuid().notNull(),
    lotId: text().notNull(),
    execId: text().notNull(),
    qty: int64().notNull(),
    cost: int64().notNull(),
    proceeds: int64().notNull(),
    closedAtUs: timeUs('closed_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.lotId, table.execId] })],
);

export const entries = snakeCase.table(
  'entries',
  {
    journalId: uuid().notNull(),
    ledgerAccountId: int64().notNull(),
    amount: int64().notNull(),
    balanceAfter: int64().notNull(),
    version: int64().notNull(),
    reference: text(),
  },
  (table) => [primaryKey({ columns: [table.ledgerAccountId, table.version] })],
);

export const accounts = snakeCase.table('accounts', {
  id: uuid().primaryKey(),
  userId: uuid().notNull(),
  number: text().notNull(),
  kind: text({ enum: ['savings', 'chequing', 'investment', 'house'] }).notNull(),
  currency: text({ enum: ['USD', 'CAD', 'EUR', 'GBP'] }).notNull(),
  name: text().notNull(),
  status: text({ enum: ['active', 'restricted', 'closed'] }).notNull(),
  settings: jsonb().notNull(),
  openedAtUs: timeUs('opened_at').notNull(),
  closedAtUs: timeUs('closed_at'),
});

export const fundings = snakeCase.table('fundings', {
  id: uuid().primaryKey(),
  accountId: uuid()
    .notNull()
    .references(() => accounts.id),
  userId: uuid().notNull(),
  type: text({ enum: ['deposit', 'withdrawal'] }).notNull(),
  currency: text().$type<Currency>().notNull(),
  amount: micros().notNull(),
  state: text({ enum: ['requested', 'held', 'sent', 'settled', 'returned', 'failed'] }).notNull(),
  reason: text(),
  requestedAtUs: timeUs('requested_at').notNull(),
  updatedAtUs: timeUs('updated_at').notNull(),
  attempts: integer().notNull(),
  dueAtUs: timeUs('due_at').notNull(),
});

export const idempotencyKeys = snakeCase.table(
  'idempotency_keys',
  {
    userId: uuid().notNull(),
    key: text().notNull(),
    operation: text().notNull(),
    fingerprint: bytes().notNull(),
    answer: jsonb().notNull(),
    createdAtUs: timeUs('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.key] })],
);

export const activities = snakeCase.table(
  'activities',
  {
    accountId: uuid().notNull(),
    occurredAtUs: timeUs('occurred_at').notNull(),
    id: uuid().notNull(),
    type: text({
      enum: ACTIVITY_TYPES,
    }).notNull(),
    symbol: text(),
    qty: int64(),
    price: int64(),
    amount: int64().notNull(),
    currency: text().$type<Currency>().notNull(),
    journalId: uuid().notNull(),
    reference: text().notNull(),
    orderId: uuid(),
    realised: int64().notNull(),
    inKind: int64().notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.occurredAtUs, table.id] })],
);

export const accountFlows = snakeCase.table('account_flows', {
  accountId: uuid()
    .primaryKey()
    .references(() => accounts.id),
  brought: int64().notNull(),
  taken: int64().notNull(),
});

export const confirmedOrders = snakeCase.table('confirmed_orders', {
  orderId: uuid().primaryKey(),
});

export const executions = snakeCase.table('executions', {
  execId: text().primaryKey(),
  tradeId: text(),
  accountId: uuid().notNull(),
  orderId: uuid().notNull(),
  symbol: text().notNull(),
  qty: int64().notNull(),
  amount: int64().notNull(),
  occurredAtUs: timeUs('occurred_at').notNull(),
  digest: text().notNull(),
  journalId: uuid(),
});

export const snapshots = snakeCase.table(
  'snapshots',
  {
    accountId: uuid().notNull(),
    timeframe: text({ enum: ['5Min', '1H', '1D', '1W'] }).notNull(),
    atUs: timeUs('at').notNull(),
    cash: int64().notNull(),
    marketValue: int64().notNull(),
    brought: int64().notNull(),
    taken: int64().notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.timeframe, table.atUs] })],
);

export const corporateActions = snakeCase.table('corporate_actions', {
  id: text().primaryKey(),
  sequence: int64().generatedAlwaysAsIdentity(),
  symbol: text().notNull(),
  type: text({ enum: ['split', 'cash_dividend'] }).notNull(),
  ratioTo: int64(),
  ratioFrom: int64(),
  perShare: int64(),
  currency: text(),
  referencePrice: int64().notNull(),
  appliedAtUs: timeUs('applied_at').notNull(),
  digest: text().notNull(),
  effectiveAtUs: int64().notNull(),
  toldAtUs: timeUs('told_at'),
});

export const corporateActionAccounts = snakeCase.table(
  'corporate_action_accounts',
  {
    actionId: text()
      .notNull()
      .references(() => corporateActions.id),
    accountId: uuid().notNull(),
    qty: int64().notNull(),
    doneAtUs: timeUs('done_at'),
  },
  (table) => [primaryKey({ columns: [table.actionId, table.accountId] })],
);

export const instruments = snakeCase.table('instruments', {
  symbol: text().primaryKey(),
  currency: text().notNull(),
  version: int64().notNull(),
  lot: int64().notNull(),
});

export const earlyReports = snakeCase.table('early_reports', {
  eventId: text().primaryKey(),
  orderId: uuid().notNull(),
  cumQty: int64().notNull(),
  report: bytes().notNull(),
  headers: jsonb().notNull(),
  subject: text().notNull(),
  receivedAtUs: timeUs('received_at').notNull(),
});

export const accountOwners = snakeCase.table('account_owners', {
  sequence: int64().primaryKey().generatedAlwaysAsIdentity(),
  accountId: uuid().notNull(),
  userId: uuid().notNull(),
  sinceUs: timeUs('since').notNull(),
});
