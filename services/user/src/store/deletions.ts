import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Deletion } from '../domain/deletion.ts';

export async function findDeletion(db: Db, userId: string): Promise<Deletion | undefined> {
  const rows = await db<DeletionRow[]>`select ${columns(db)} from deletions where user_id = ${userId}`;
  return rows[0] === undefined ? undefined : fromRow(rows[0]);
}

/** Locked until the transaction ends: steps and answers come one after the other. */
export async function lockDeletion(tx: Tx, userId: string): Promise<Deletion | undefined> {
  const rows = await tx<DeletionRow[]>`select ${columns(tx)} from deletions where user_id = ${userId} for update`;
  return rows[0] === undefined ? undefined : fromRow(rows[0]);
}

/** Two first requests at once have no row to wait for. */
export async function lockRequests(tx: Tx, userId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`deletion ${userId}`}, 0))`;
}

export async function saveDeletion(tx: Tx, deletion: Deletion, nextStepAtUs: bigint): Promise<void> {
  const { userId, state, requestedAtUs } = deletion;
  const reason = deletion.state === 'refused' ? deletion.reason : '';
  const pseudonym = deletion.state === 'erasing' ? deletion.pseudonym : null;
  const waitingFor = deletion.state === 'erasing' ? [...deletion.waitingFor] : [];
  const finishedAt = 'finishedAtUs' in deletion ? dateFromUs(deletion.finishedAtUs) : null;
  await tx`
    insert into deletions (user_id, state, reason, pseudonym, waiting_for, requested_at, finished_at, next_step_at)
    values (${userId}, ${state}, ${reason}, ${pseudonym}, ${waitingFor}::text[], ${dateFromUs(requestedAtUs)},
            ${finishedAt}, ${dateFromUs(nextStepAtUs)})
    on conflict (user_id) do update set state = excluded.state, reason = excluded.reason,
      pseudonym = excluded.pseudonym, waiting_for = excluded.waiting_for, requested_at = excluded.requested_at,
      finished_at = excluded.finished_at, next_step_at = excluded.next_step_at, attempts = 0`;
}

/** The next step could not be taken: another time. */
export async function postponeDeletion(db: Db, userId: string, nextStepAtUs: bigint): Promise<void> {
  await db`
    update deletions set next_step_at = ${dateFromUs(nextStepAtUs)}, attempts = attempts + 1 where user_id = ${userId}`;
}

/** True for one of those who look at the same time, and only when it is due. */
export async function claimReminder(tx: Tx, userId: string, atUs: bigint, nextUs: bigint): Promise<boolean> {
  const claimed = await tx`
    update deletions set next_step_at = ${dateFromUs(nextUs)}
    where user_id = ${userId} and next_step_at <= ${dateFromUs(atUs)}`;
  return claimed.count === 1;
}

export async function dueDeletions(
  db: Db,
  atUs: bigint,
  limit: number,
): Promise<{ userId: string; attempts: number }[]> {
  return db<{ userId: string; attempts: number }[]>`
    select user_id as "userId", attempts from deletions
    where state in ('requested', 'checking', 'erasing') and next_step_at <= ${dateFromUs(atUs)}
    order by next_step_at limit ${limit}`;
}

/** All that this database holds of a person goes with the profile; the row of the deletion itself stays. */
export async function eraseUser(tx: Tx, userId: string): Promise<void> {
  await tx`delete from profiles where user_id = ${userId}`;
}

interface DeletionRow {
  user_id: string;
  state: Deletion['state'];
  reason: string;
  pseudonym: string | null;
  waiting_for: string[];
  requested_at: Date;
  finished_at: Date | null;
}

function columns(db: Db | Tx) {
  return db`user_id, state, reason, pseudonym, waiting_for, requested_at, finished_at`;
}

function fromRow(row: DeletionRow): Deletion {
  const base = { userId: row.user_id, requestedAtUs: usFromDate(row.requested_at) };
  const finishedAtUs = row.finished_at === null ? 0n : usFromDate(row.finished_at);
  switch (row.state) {
    case 'requested':
    case 'checking':
      return { ...base, state: row.state };
    case 'refused':
      return { ...base, state: row.state, reason: row.reason, finishedAtUs };
    case 'erasing':
      return { ...base, state: row.state, pseudonym: row.pseudonym ?? '', waitingFor: row.waiting_for };
    case 'completed':
      return { ...base, state: row.state, finishedAtUs };
  }
}
