import { int64, timeUs } from '@andvari/kit/db/tables';
import { boolean, customType, primaryKey, snakeCase, text, uuid } from 'drizzle-orm/pg-core';

/** The tables as queries see them. Checks, indexes and defaults are in migrations/; a test holds the two against each other. */

export const permissions = snakeCase.table('permissions', { name: text().primaryKey() });

export const roles = snakeCase.table('roles', {
  name: text().primaryKey(),
  description: text().notNull(),
  isDefault: boolean().notNull(),
});

export const rolePermissions = snakeCase.table(
  'role_permissions',
  {
    role: text()
      .notNull()
      .references(() => roles.name),
    permission: text()
      .notNull()
      .references(() => permissions.name),
  },
  (table) => [primaryKey({ columns: [table.role, table.permission] })],
);

/** One row for each user whose roles were ever changed; without one a user is at version 1. */
export const roleHolders = snakeCase.table('role_holders', {
  userId: uuid().primaryKey(),
  rolesVersion: int64().notNull().default(1n),
});

export const roleGrants = snakeCase.table('role_grants', {
  id: uuid().primaryKey(),
  userId: uuid()
    .notNull()
    .references(() => roleHolders.userId),
  role: text()
    .notNull()
    .references(() => roles.name),
  grantedBy: text().notNull(),
  reason: text().notNull(),
  grantedAtUs: timeUs('granted_at').notNull(),
  expiresAtUs: timeUs('expires_at'),
  endedAtUs: timeUs('ended_at'),
  endedAs: text({ enum: ['revoked', 'expired', 'replaced', 'erased'] }),
  endedBy: text(),
  endReason: text().notNull().default(''),
});

/** Bytes that everybody else knows as hex. */
const hex = customType<{ data: string; driverData: Buffer }>({
  dataType: () => 'bytea',
  fromDriver: (stored) => stored.toString('hex'),
  toDriver: (given) => Buffer.from(given, 'hex'),
});

/** The chain: no row of it is ever changed. */
export const auditEntries = snakeCase.table('audit_entries', {
  sequence: int64().primaryKey(),
  eventId: text().notNull(),
  source: text().notNull(),
  occurredAtUs: int64().notNull(),
  actor: text().notNull(),
  action: text().notNull(),
  entity: text().notNull(),
  result: text().notNull(),
  traceId: text().notNull(),
  /** JSON as it was hashed, to the letter. */
  details: text().notNull(),
  personalOf: text().notNull(),
  commitment: text().notNull(),
  previousHash: hex().notNull(),
  hash: hex().notNull(),
});

/** The erasable part of an entry. */
export const auditPersonal = snakeCase.table('audit_personal', {
  sequence: int64().primaryKey(),
  ofUser: text('user_id').notNull(),
  salt: text().notNull(),
  address: text().notNull(),
  userAgent: text().notNull(),
  reason: text().notNull().default(''),
});

export const auditErasedUsers = snakeCase.table('audit_erased_users', { userId: text().primaryKey() });

export const auditCheckpoints = snakeCase.table('audit_checkpoints', {
  sequence: int64().primaryKey(),
  previousSequence: int64().notNull(),
  hash: hex().notNull(),
  signedAtUs: int64().notNull(),
  keyId: text().notNull(),
  signature: hex().notNull(),
});

/** Its one row is the end of the chain. */
export const auditChain = snakeCase.table('audit_chain', {
  onlyOne: boolean().primaryKey().default(true),
  sequence: int64().notNull(),
  hash: hex().notNull(),
  checkpointSequence: int64().notNull(),
  keyId: text().notNull(),
  signature: hex().notNull(),
});
