import { bytes, int64 } from '@andvari/kit/db/tables';
import { boolean, date, primaryKey, smallint, snakeCase, text, uuid } from 'drizzle-orm/pg-core';

/** The tables as queries see them. Checks, indexes and defaults are in migrations/; a test holds the two against each other. */

export const orders = snakeCase.table('orders', {
  id: uuid().primaryKey(),
  accountId: uuid().notNull(),
  userId: uuid().notNull(),
  clientOrderId: text().notNull(),
  symbol: text().notNull(),
  side: text().notNull(),
  type: text().notNull(),
  timeInForce: text().notNull(),
  askedQty: int64().notNull(),
  notional: int64().notNull(),
  limitPx: int64().notNull(),
  askedStopPx: int64().notNull(),
  trailAmount: int64().notNull(),
  trailPercent: int64().notNull(),
  postOnly: boolean().notNull(),
  collarPx: int64().notNull(),
  collarOffset: int64().notNull(),
  reserved: int64().notNull(),
  reservedAsset: text().notNull(),
  replaces: uuid(),
  groupId: uuid(),
  groupType: text(),
  groupLeg: smallint(),
  apiKeyId: uuid(),
  placedAtUs: int64().notNull(),
  status: text({
    enum: [
      'pending_new',
      'accepted',
      'held',
      'new',
      'partially_filled',
      'filled',
      'canceled',
      'replaced',
      'expired',
      'rejected',
      'fenced',
    ],
  }).notNull(),
  pending: text({ enum: ['cancel', 'replace'] }),
  reason: text().notNull(),
  qty: int64().notNull(),
  cumQty: int64().notNull(),
  leavesQty: int64().notNull(),
  avgPx: int64().notNull(),
  stopPx: int64().notNull(),
  waterMarkPx: int64().notNull(),
  replacedBy: uuid(),
  updatedAtUs: int64().notNull(),
  acknowledgedAtUs: int64().notNull(),
  finishedAtUs: int64().notNull(),
  awaitingSinceUs: int64().notNull(),
  version: int64().notNull(),
});

export const orderEvents = snakeCase.table('order_events', {
  id: int64().primaryKey().generatedAlwaysAsIdentity(),
  orderId: uuid().notNull(),
  accountId: uuid().notNull(),
  symbol: text().notNull(),
  side: text().notNull(),
  kind: text().notNull(),
  status: text().notNull(),
  lastQty: int64().notNull(),
  lastPx: int64().notNull(),
  cumQty: int64().notNull(),
  leavesQty: int64().notNull(),
  reason: text().notNull(),
  liquidity: text(),
  tradeId: text().notNull(),
  execId: text().notNull(),
  actor: text().notNull(),
  actorId: text().notNull(),
  occurredAtUs: int64().notNull(),
});

export const earlyReports = snakeCase.table('early_reports', {
  execId: text().primaryKey(),
  orderId: uuid().notNull(),
  accountId: uuid().notNull(),
  position: int64().generatedAlwaysAsIdentity(),
  payload: bytes().notNull(),
  recordedAtUs: int64().notNull(),
});

export const unexpectedReports = snakeCase.table('unexpected_reports', {
  id: int64().primaryKey().generatedAlwaysAsIdentity(),
  execId: text().notNull(),
  orderId: uuid().notNull(),
  kind: text().notNull(),
  why: text().notNull(),
  payload: bytes().notNull(),
  recordedAtUs: int64().notNull(),
});

export const apiKeyUsage = snakeCase.table(
  'api_key_usage',
  {
    apiKeyId: uuid().notNull(),
    day: date({ mode: 'date' }).notNull(),
    used: int64().notNull(),
  },
  (table) => [primaryKey({ columns: [table.apiKeyId, table.day] })],
);
