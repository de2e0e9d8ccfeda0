import { bytes, int64, texts, timeUs } from '@andvari/kit/db/tables';
import { integer, primaryKey, snakeCase, text, uuid } from 'drizzle-orm/pg-core';
import type { RevokeReason } from '../domain/session.ts';

/** The tables as queries see them. Checks, indexes and defaults are in migrations/; a test holds the two against each other. */

export const users = snakeCase.table('users', {
  userId: uuid().primaryKey(),
  email: text().notNull(),
  passwordHash: text().notNull(),
  rolesVersion: int64().notNull().default(0n),
  createdAtUs: timeUs('created_at').notNull(),
  passwordChangedAtUs: timeUs('password_changed_at').notNull(),
});

const ofUser = () => uuid().references(() => users.userId, { onDelete: 'cascade' });

/** Attempts to open an account, each with a password and a token of its own. */
export const registrations = snakeCase.table('registrations', {
  tokenHash: bytes().primaryKey(),
  userId: uuid().notNull(),
  email: text().notNull(),
  passwordHash: text().notNull(),
  givenName: text().notNull(),
  familyName: text().notNull(),
  locale: text().notNull(),
  createdAtUs: timeUs('created_at').notNull(),
  expiresAtUs: timeUs('expires_at').notNull(),
  verifiedAtUs: timeUs('verified_at'),
});

export const sessions = snakeCase.table('sessions', {
  sessionId: uuid().primaryKey(),
  userId: ofUser().notNull(),
  address: text().notNull(),
  userAgent: text().notNull(),
  createdAtUs: timeUs('created_at').notNull(),
  authenticatedAtUs: timeUs('authenticated_at').notNull(),
  lastSeenAtUs: timeUs('last_seen_at').notNull(),
  endsAtUs: timeUs('ends_at').notNull(),
  expiresAtUs: timeUs('expires_at').notNull(),
  generation: int64().notNull(),
  rotatedAtUs: timeUs('rotated_at').notNull(),
  revokedAtUs: timeUs('revoked_at'),
  revokeReason: text().$type<RevokeReason>(),
  sealedSuccessor: bytes(),
});

/** Every one that was handed out, by the hash of its 256 random bits. */
export const refreshTokens = snakeCase.table('refresh_tokens', {
  tokenHash: bytes().primaryKey(),
  sessionId: uuid()
    .notNull()
    .references(() => sessions.sessionId, { onDelete: 'cascade' }),
  generation: int64().notNull(),
});

export const knownClients = snakeCase.table(
  'known_clients',
  {
    userId: ofUser().notNull(),
    address: text().notNull(),
    userAgent: text().notNull(),
    lastSeenAtUs: timeUs('last_seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.address, table.userAgent] })],
);

/** Failed attempts, by a hash of whose they were. */
export const throttles = snakeCase.table('throttles', {
  key: bytes().primaryKey(),
  failures: integer().notNull(),
  lastFailedAtUs: timeUs('last_failed_at').notNull(),
  lockedUntilUs: timeUs('locked_until'),
});

export const passwordResets = snakeCase.table('password_resets', {
  tokenHash: bytes().primaryKey(),
  userId: ofUser(),
  emailKey: bytes().notNull(),
  createdAtUs: timeUs('created_at').notNull(),
  expiresAtUs: timeUs('expires_at').notNull(),
});

/** The secret of one-time codes; it waits for its first code while it is not enabled. */
export const factors = snakeCase.table('factors', {
  userId: ofUser().primaryKey(),
  sealedSecret: bytes().notNull(),
  sealedWith: text().notNull(),
  createdAtUs: timeUs('created_at').notNull(),
  enabledAtUs: timeUs('enabled_at'),
  lastStep: int64().notNull(),
  failures: integer().notNull(),
  lastFailedAtUs: timeUs('last_failed_at').notNull(),
  lockedUntilUs: timeUs('locked_until'),
  guessedFrom: text(),
  toldAtUs: timeUs('told_at'),
});

const ofFactor = () => uuid().references(() => factors.userId, { onDelete: 'cascade' });

export const recoveryCodes = snakeCase.table(
  'recovery_codes',
  { userId: ofFactor().notNull(), codeHash: bytes().notNull() },
  (table) => [primaryKey({ columns: [table.userId, table.codeHash] })],
);

export const factorChallenges = snakeCase.table('factor_challenges', {
  tokenHash: bytes().primaryKey(),
  userId: ofFactor().notNull(),
  failures: integer().notNull(),
  expiresAtUs: timeUs('expires_at').notNull(),
});

export const factorRemovals = snakeCase.table('factor_removals', {
  id: uuid().primaryKey(),
  userId: ofUser().notNull(),
  removedBy: text().notNull(),
  reason: text().notNull(),
  removedAtUs: timeUs('removed_at').notNull(),
});

export const apiKeys = snakeCase.table('api_keys', {
  id: uuid().primaryKey(),
  userId: ofUser().notNull(),
  name: text().notNull(),
  secretHash: bytes().notNull(),
  scopes: texts().notNull(),
  dailyNotionalCap: int64().notNull(),
  createdAtUs: timeUs('created_at').notNull(),
  expiresAtUs: timeUs('expires_at'),
  lastUsedAtUs: timeUs('last_used_at'),
  revokedAtUs: timeUs('revoked_at'),
});

export const signingKeys = snakeCase.table('signing_keys', {
  keyId: text().primaryKey(),
  /** As JSON. */
  publicJwk: text().notNull(),
  sealedPrivateKey: bytes().notNull(),
  activeFromUs: timeUs('active_from').notNull(),
  createdAtUs: timeUs('created_at').notNull(),
});

/** Filled in development and tests only. */
export const developmentMails = snakeCase.table('development_mails', {
  id: uuid().primaryKey(),
  to: text('to_email').notNull(),
  subject: text().notNull(),
  body: text().notNull(),
  createdAtUs: timeUs('created_at').notNull(),
});
