import { int64, texts, timeUs } from '@andvari/kit/db/tables';
import { boolean, integer, snakeCase, text, uuid } from 'drizzle-orm/pg-core';
import { choices } from '../domain/preferences.ts';

/** The tables as queries see them. Checks, indexes and defaults are in migrations/; a test holds the two against each other. */

export const profiles = snakeCase.table('profiles', {
  userId: uuid().primaryKey(),
  locale: text().notNull(),
  timezone: text().notNull(),
  avatarRef: text().notNull(),
  onboardingState: text({ enum: ['new', 'verified', 'approved', 'rejected'] }).notNull(),
  onboardingReason: text().notNull(),
  version: int64().notNull(),
  createdAtUs: timeUs('created_at').notNull(),
  updatedAtUs: timeUs('updated_at').notNull(),
});

/** In a table of its own, so that it can be erased whole. */
export const personalData = snakeCase.table('personal_data', {
  userId: uuid()
    .primaryKey()
    .references(() => profiles.userId, { onDelete: 'cascade' }),
  email: text().notNull(),
  givenName: text().notNull(),
  familyName: text().notNull(),
  phone: text().notNull(),
  country: text().notNull(),
});

export const preferences = snakeCase.table('preferences', {
  userId: uuid()
    .primaryKey()
    .references(() => profiles.userId, { onDelete: 'cascade' }),
  theme: text({ enum: choices.theme }).notNull(),
  displayCurrency: text().notNull(),
  confirmOrders: boolean().notNull(),
  mutedNotifications: texts().notNull(),
  version: int64().notNull(),
  colours: text({ enum: choices.colours }).notNull(),
  density: text({ enum: choices.density }).notNull(),
  hideAmounts: boolean().notNull(),
  singleKeysOff: boolean().notNull(),
  numberFormat: text().notNull(),
  chartTimeframe: text({ enum: choices.chartTimeframe }).notNull(),
  chartView: text({ enum: choices.chartView }).notNull(),
  watchlist: text().notNull(),
  blotterHeight: integer().notNull(),
});

export const watchlists = snakeCase.table('watchlists', {
  id: uuid().primaryKey(),
  userId: uuid()
    .notNull()
    .references(() => profiles.userId, { onDelete: 'cascade' }),
  name: text().notNull(),
  place: integer().notNull(),
  symbols: texts().notNull(),
  version: int64().notNull(),
});

export const notifications = snakeCase.table('notifications', {
  id: uuid().primaryKey(),
  userId: uuid()
    .notNull()
    .references(() => profiles.userId, { onDelete: 'cascade' }),
  kind: text().notNull(),
  title: text().notNull(),
  body: text().notNull(),
  subjectRef: text().notNull(),
  createdAtUs: timeUs('created_at').notNull(),
  readAtUs: timeUs('read_at'),
});

export const notificationCounts = snakeCase.table('notification_counts', {
  userId: uuid()
    .primaryKey()
    .references(() => profiles.userId, { onDelete: 'cascade' }),
  unread: integer().notNull(),
});

export const deletions = snakeCase.table('deletions', {
  userId: uuid().primaryKey(),
  state: text({ enum: ['requested', 'checking', 'refused', 'erasing', 'completed'] }).notNull(),
  reason: text().notNull(),
  pseudonym: uuid(),
  waitingFor: texts().notNull(),
  requestedAtUs: timeUs('requested_at').notNull(),
  finishedAtUs: timeUs('finished_at'),
  nextStepAtUs: timeUs('next_step_at').notNull(),
  attempts: integer().notNull(),
});
