import { isAny, on, type Queries, statement, unnested } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, desc, eq, getColumns, gt, gte, lt, lte, sql } from 'drizzle-orm';
import type { Entry, KeptPersonal, Link } from '../domain/audit-entry.ts';
import { auditEntries, auditErasedUsers, auditPersonal } from './schema.ts';

/** An entry with its erasable part, where that is still there. */
export interface StoredEntry extends Entry {
  readonly personal: KeptPersonal | undefined;
}

export interface AuditQuery {
  actor: string;
  action: string;
  entity: string;
  fromUs: bigint;
  toUs: bigint;
  after: { occurredAtUs: bigint; sequence: bigint } | undefined;
  limit: number;
}

const insert = statement({ entries: auditEntries }, (db, { entries }) =>
  db.insert(auditEntries).select(unnested(auditEntries, entries)),
);

/** All in one statement, however many. */
export async function insertEntries(tx: Tx, entries: readonly Entry[]): Promise<void> {
  await insert(tx, { entries });
}

const insertParts = statement({ kept: auditPersonal }, (db, { kept }) =>
  db.insert(auditPersonal).select(unnested(auditPersonal, kept)),
);

export async function insertPersonal(tx: Tx, kept: readonly (KeptPersonal & { sequence: bigint })[]): Promise<void> {
  if (kept.length === 0) return;
  await insertParts(tx, { kept });
}

/** From now on nothing personal of them is kept. */
export async function erasePersonal(tx: Tx, userIds: readonly string[]): Promise<void> {
  const erased = userIds.map((userId) => ({ userId }));
  const db = on(tx);
  await db.insert(auditErasedUsers).select(unnested(auditErasedUsers, erased)).onConflictDoNothing();
  await db.delete(auditPersonal).where(isAny(auditPersonal.ofUser, userIds));
}

const erasedAmong = statement({ userIds: [auditErasedUsers.userId] }, (db, { userIds }) =>
  db.select().from(auditErasedUsers).where(isAny(auditErasedUsers.userId, userIds)),
);

export async function findErased(tx: Tx, userIds: readonly string[]): Promise<Set<string>> {
  if (userIds.length === 0) return new Set();
  const rows = await erasedAmong(tx, { userIds });
  return new Set(rows.map(({ userId }) => userId));
}

const { sequence, occurredAtUs } = auditEntries;
const { sequence: _sequence, ...personal } = getColumns(auditPersonal);

const all = (db: Queries) =>
  db
    .select({ entry: getColumns(auditEntries), personal })
    .from(auditEntries)
    .leftJoin(auditPersonal, eq(auditPersonal.sequence, sequence));

/** The newest first. */
export async function queryEntries(db: Db, query: AuditQuery): Promise<StoredEntry[]> {
  const { actor, action, entity, fromUs, toUs, after, limit } = query;
  const rows = await all(on(db))
    .where(
      and(
        actor === '' ? undefined : eq(auditEntries.actor, actor),
        action === '' ? undefined : eq(auditEntries.action, action),
        entity === '' ? undefined : eq(auditEntries.entity, entity),
        fromUs === 0n ? undefined : gte(occurredAtUs, fromUs),
        toUs === 0n ? undefined : lt(occurredAtUs, toUs),
        after && sql`(${occurredAtUs}, ${sequence}) < (${after.occurredAtUs}, ${after.sequence})`,
      ),
    )
    .orderBy(desc(occurredAtUs), desc(sequence))
    .limit(limit);
  return rows.map(fromRow);
}

/** In the order of the chain. */
export async function readEntries(
  db: Db,
  range: { after: bigint; upTo: bigint; limit: number },
): Promise<StoredEntry[]> {
  const rows = await all(on(db))
    .where(and(gt(sequence, range.after), lte(sequence, range.upTo)))
    .orderBy(sequence)
    .limit(range.limit);
  return rows.map(fromRow);
}

export async function findLink(db: Db | Tx, at: bigint): Promise<Link | undefined> {
  const [link] = await on(db).select({ sequence, hash: auditEntries.hash }).from(auditEntries).where(eq(sequence, at));
  return link;
}

/** Whether the chain tells of it; the list of the erased proves nothing, the chain does. */
export async function tellsOfErasure(db: Db, action: string, entity: string): Promise<boolean> {
  const rows = await on(db)
    .select({ sequence })
    .from(auditEntries)
    .where(and(eq(auditEntries.action, action), eq(auditEntries.entity, entity)))
    .limit(1);
  return rows.length > 0;
}

function fromRow({ entry, personal: kept }: { entry: Entry; personal: KeptPersonal | null }): StoredEntry {
  return { ...entry, personal: kept ?? undefined };
}
