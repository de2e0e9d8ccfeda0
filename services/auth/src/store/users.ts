import { on, type Queries, statement, unnested } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, eq, getColumns, lt } from 'drizzle-orm';
import { users } from './schema.ts';

export type User = Readonly<Pick<typeof users.$inferSelect, 'userId' | 'email' | 'passwordHash' | 'rolesVersion'>>;

const { createdAtUs: _createdAtUs, passwordChangedAtUs: _changedAtUs, ...columns } = getColumns(users);
const byId = { userId: users.userId };
const one = (db: Queries, userId: string) => db.select(columns).from(users).where(eq(users.userId, userId));

const find = statement(byId, (db, { userId }) => one(db, userId));
const share = statement(byId, (db, { userId }) => one(db, userId).for('share'));
const lock = statement(byId, (db, { userId }) => one(db, userId).for('update'));
const findByEmail = statement({ email: users.email }, (db, { email }) =>
  db.select(columns).from(users).where(eq(users.email, email)),
);

export async function findUserByEmail(db: Db | Tx, email: string): Promise<User | undefined> {
  return (await findByEmail(db, { email }))[0];
}

export async function findUser(db: Db | Tx, userId: string): Promise<User | undefined> {
  return (await find(db, { userId }))[0];
}

/** Holds password and existence as they are until the transaction ends; others may hold it as well. */
export async function shareUser(tx: Tx, userId: string): Promise<User | undefined> {
  return (await share(tx, { userId }))[0];
}

/** Nobody else may sign in, change the password or add to what the user has until the transaction ends. */
export async function lockUser(tx: Tx, userId: string): Promise<User | undefined> {
  return (await lock(tx, { userId }))[0];
}

/** False where somebody else has proved the same address before. */
export async function insertUser(
  tx: Tx,
  user: Pick<User, 'userId' | 'email' | 'passwordHash'>,
  atUs: bigint,
): Promise<boolean> {
  const inserted = await on(tx)
    .insert(users)
    .values({ ...user, createdAtUs: atUs, passwordChangedAtUs: atUs })
    .onConflictDoNothing();
  return inserted.count === 1;
}

const insertMany = statement({ made: users }, (db, { made }) =>
  db.insert(users).select(unnested(users, made)).onConflictDoNothing(),
);

/** Whose id or address is there already is left as they are. Answers how many were not. */
export async function insertUsers(
  tx: Tx,
  made: readonly (Pick<User, 'userId' | 'email' | 'passwordHash'> & { createdAtUs: bigint })[],
): Promise<number> {
  const rows = made.map((user) => ({ ...user, rolesVersion: 0n, passwordChangedAtUs: user.createdAtUs }));
  return (await insertMany(tx, { made: rows })).count;
}

export async function setPassword(tx: Tx, userId: string, hash: string, atUs: bigint): Promise<void> {
  await on(tx).update(users).set({ passwordHash: hash, passwordChangedAtUs: atUs }).where(eq(users.userId, userId));
}

/** The same password under today's parameters, unless it was changed meanwhile. */
export async function replaceHash(db: Db, userId: string, before: string, after: string): Promise<void> {
  await on(db)
    .update(users)
    .set({ passwordHash: after })
    .where(and(eq(users.userId, userId), eq(users.passwordHash, before)));
}

/** News may come twice or late; a version only grows. */
export async function raiseRolesVersion(tx: Tx, userId: string, version: bigint): Promise<void> {
  await on(tx)
    .update(users)
    .set({ rolesVersion: version })
    .where(and(eq(users.userId, userId), lt(users.rolesVersion, version)));
}

/** With sessions, tokens, keys, known clients and resets: they hang on the user. */
export async function deleteUser(tx: Tx, userId: string): Promise<void> {
  await on(tx).delete(users).where(eq(users.userId, userId));
}
