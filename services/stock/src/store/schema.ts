import { int64, timeUs } from '@andvari/kit/db/tables';
import { boolean, integer, primaryKey, snakeCase, text, uuid } from 'drizzle-orm/pg-core';

/** The tables as queries see them. Checks, indexes and defaults are in migrations/; a test holds the two against each other. */

export const marketSession = snakeCase.table('market_session', {
  single: boolean().primaryKey(),
  hours: text().notNull(),
  state: text({ enum: ['closed', 'pre', 'regular', 'after'] }).notNull(),
  atUs: int64().notNull(),
  logMadeAt: text().notNull(),
});

export const instruments = snakeCase.table('instruments', {
  symbol: text().primaryKey(),
  name: text().notNull(),
  exchange: text().notNull(),
  sector: text().notNull(),
  type: text({ enum: ['equity', 'etf'] }).notNull(),
  currency: text().notNull(),
  tick: int64().notNull(),
  tickBelowOne: int64().notNull(),
  lot: int64().notNull(),
  fractionable: boolean().notNull(),
  tradable: boolean().notNull(),
  haltReason: text(),
  haltedAtUs: int64(),
  basePrice: int64().notNull(),
  minNotional: int64().notNull(),
  maxQty: int64().notNull(),
  maxPrice: int64().notNull(),
  version: int64().notNull(),
  volatilityPpm: integer().notNull(),
  dailyVolume: integer().notNull(),
  changedAtUs: timeUs('changed_at').notNull(),
});

export const corporateActions = snakeCase.table('corporate_actions', {
  id: uuid().primaryKey(),
  symbol: text()
    .notNull()
    .references(() => instruments.symbol),
  type: text({ enum: ['split', 'cash_dividend'] }).notNull(),
  ratioTo: int64().notNull(),
  ratioFrom: int64().notNull(),
  amount: int64().notNull(),
  currency: text().notNull(),
  exDate: text().notNull(),
  referencePx: int64().notNull(),
  appliedAtUs: int64().notNull(),
  effectiveAtUs: int64().notNull(),
  posted: boolean().notNull(),
  resumed: boolean().notNull(),
  appliedBy: text().notNull(),
});

export const venueBars = snakeCase.table(
  'venue_bars',
  {
    symbol: text().notNull(),
    timeframe: text({ enum: ['minute', 'day'] }).notNull(),
    startsAtUs: int64().notNull(),
    open: int64().notNull(),
    high: int64().notNull(),
    low: int64().notNull(),
    close: int64().notNull(),
    volume: int64().notNull(),
  },
  (table) => [primaryKey({ columns: [table.symbol, table.timeframe, table.startsAtUs] })],
);
