import type { Db, Tx } from '@andvari/kit/db/types';
import type { Entry, KeptPersonal, Link } from '../domain/audit-entry.ts';

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

/** All in one statement, however many. */
export async function insertEntries(tx: Tx, entries: readonly Entry[]): Promise<void> {
  await tx`
    insert into audit_entries (sequence, event_id, source, occurred_at_us, actor, action, entity, result, trace_id, details,
      personal_of, commitment, previous_hash, hash)
    select * from unnest(
      ${tx.array(entries.map(({ sequence }) => sequence))}::bigint[],
      ${entries.map(({ eventId }) => eventId)}::text[],
      ${entries.map(({ source }) => source)}::text[],
      ${tx.array(entries.map(({ occurredAtUs }) => occurredAtUs))}::bigint[],
      ${entries.map(({ actor }) => actor)}::text[],
      ${entries.map(({ action }) => action)}::text[],
      ${entries.map(({ entity }) => entity)}::text[],
      ${entries.map(({ result }) => result)}::text[],
      ${entries.map(({ traceId }) => traceId)}::text[],
      ${entries.map(({ details }) => details)}::text[],
      ${entries.map(({ personalOf }) => personalOf)}::text[],
      ${entries.map(({ commitment }) => commitment)}::text[],
      ${tx.array(entries.map(({ previousHash }) => Buffer.from(previousHash, 'hex')))}::bytea[],
      ${tx.array(entries.map(({ hash }) => Buffer.from(hash, 'hex')))}::bytea[]
    )`;
}

export async function insertPersonal(tx: Tx, kept: readonly (KeptPersonal & { sequence: bigint })[]): Promise<void> {
  if (kept.length === 0) return;
  await tx`
    insert into audit_personal (sequence, user_id, salt, address, user_agent)
    select * from unnest(
      ${tx.array(kept.map(({ sequence }) => sequence))}::bigint[],
      ${kept.map(({ ofUser }) => ofUser)}::text[],
      ${kept.map(({ salt }) => salt)}::text[],
      ${kept.map(({ address }) => address)}::text[],
      ${kept.map(({ userAgent }) => userAgent)}::text[]
    )`;
}

/** From now on nothing personal of them is kept. */
export async function erasePersonal(tx: Tx, userIds: readonly string[]): Promise<void> {
  await tx`
    insert into audit_erased_users (user_id) select unnest(${[...userIds]}::text[]) on conflict do nothing`;
  await tx`delete from audit_personal where user_id = any(${[...userIds]}::text[])`;
}

export async function findErased(tx: Tx, userIds: readonly string[]): Promise<Set<string>> {
  if (userIds.length === 0) return new Set();
  const rows = await tx<{ user_id: string }[]>`
    select user_id from audit_erased_users where user_id = any(${[...userIds]}::text[])`;
  return new Set(rows.map((row) => row.user_id));
}

/** The newest first. */
export async function queryEntries(db: Db, query: AuditQuery): Promise<StoredEntry[]> {
  const { actor, action, entity, fromUs, toUs, after, limit } = query;
  const rows = await db<EntryRow[]>`
    select ${columns(db)} from audit_entries e left join audit_personal p using (sequence)
    where true
      ${actor === '' ? db`` : db`and actor = ${actor}`}
      ${action === '' ? db`` : db`and action = ${action}`}
      ${entity === '' ? db`` : db`and entity = ${entity}`}
      ${fromUs === 0n ? db`` : db`and occurred_at_us >= ${fromUs}`}
      ${toUs === 0n ? db`` : db`and occurred_at_us < ${toUs}`}
      ${after === undefined ? db`` : db`and (occurred_at_us, sequence) < (${after.occurredAtUs}, ${after.sequence})`}
    order by occurred_at_us desc, sequence desc limit ${limit}`;
  return rows.map(fromRow);
}

/** In the order of the chain. */
export async function readEntries(
  db: Db,
  range: { after: bigint; upTo: bigint; limit: number },
): Promise<StoredEntry[]> {
  const rows = await db<EntryRow[]>`
    select ${columns(db)} from audit_entries e left join audit_personal p using (sequence)
    where sequence > ${range.after} and sequence <= ${range.upTo} order by sequence limit ${range.limit}`;
  return rows.map(fromRow);
}

export async function findLink(db: Db | Tx, sequence: bigint): Promise<Link | undefined> {
  const [row] = await db<{ hash: Buffer }[]>`select hash from audit_entries where sequence = ${sequence}`;
  return row === undefined ? undefined : { sequence, hash: row.hash.toString('hex') };
}

/** Whether the chain tells of it; the list of the erased proves nothing, the chain does. */
export async function tellsOfErasure(db: Db, action: string, entity: string): Promise<boolean> {
  const rows = await db`select from audit_entries where action = ${action} and entity = ${entity} limit 1`;
  return rows.length > 0;
}

interface EntryRow {
  sequence: bigint;
  event_id: string;
  source: string;
  occurred_at_us: bigint;
  actor: string;
  action: string;
  entity: string;
  result: string;
  trace_id: string;
  details: string;
  personal_of: string;
  commitment: string;
  previous_hash: Buffer;
  hash: Buffer;
  user_id: string | null;
  salt: string | null;
  address: string | null;
  user_agent: string | null;
}

function columns(db: Db) {
  return db`sequence, e.event_id, e.source, e.occurred_at_us, e.actor, e.action, e.entity, e.result, e.trace_id, e.details,
    e.personal_of, e.commitment, e.previous_hash, e.hash, p.user_id, p.salt, p.address, p.user_agent`;
}

function fromRow(row: EntryRow): StoredEntry {
  return {
    sequence: row.sequence,
    eventId: row.event_id,
    source: row.source,
    occurredAtUs: row.occurred_at_us,
    actor: row.actor,
    action: row.action,
    entity: row.entity,
    result: row.result,
    traceId: row.trace_id,
    details: row.details,
    personalOf: row.personal_of,
    commitment: row.commitment,
    previousHash: row.previous_hash.toString('hex'),
    hash: row.hash.toString('hex'),
    personal:
      row.salt === null
        ? undefined
        : {
            ofUser: row.user_id ?? '',
            salt: row.salt,
            address: row.address ?? '',
            userAgent: row.user_agent ?? '',
          },
  };
}
