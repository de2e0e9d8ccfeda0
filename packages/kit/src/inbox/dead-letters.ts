import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../base/errors.ts';
import { transaction } from '../db/db.ts';
import type { Db, Tx } from '../db/types.ts';
import type { RawEvent } from '../events/event.ts';
import { appendEvents } from '../outbox/append.ts';

/** A message that a consumer could not apply, kept with what went wrong until somebody decides. */
export interface DeadLetter {
  /** Time-ordered. */
  id: string;
  consumer: string;
  eventId: string;
  subject: string;
  headers: Record<string, string>;
  payload: Uint8Array;
  error: string;
  failedAt: Date;
  deliveries: number;
  /** How often it was applied again in vain. */
  attempts: number;
  /** Whether somebody has asked for that, and it has not happened yet. */
  requeued: boolean;
}

const ERROR_LENGTH = 2000;

/** Sets a message aside, in the transaction that notes it as received, and tells the DEAD stream of it. */
export async function setAside(
  tx: Tx,
  letter: RawEvent & { consumer: string; eventId: string; deliveries: number },
  error: unknown,
): Promise<void> {
  const id = uuidv7();
  const { consumer, eventId, subject, payload, deliveries } = letter;
  const headers = keepable(letter.headers);
  const reason = withoutControls(describe(error));
  await tx`
    insert into dead_letters (id, consumer, event_id, subject, headers, payload, error, deliveries)
    values (${id}, ${consumer}, ${eventId}, ${subject}, ${JSON.stringify(headers)}::text::jsonb,
            ${Buffer.from(payload)}, ${reason}, ${deliveries})`;
  await appendEvents(tx, [
    {
      id,
      subject: `dead.${consumer}.${subject}`,
      headers: {
        ...headers,
        'dead-letter-id': id,
        'dead-letter-error': reason,
        'dead-letter-bytes': `${payload.length}`,
      },
      payload: payload.length > MAX_PUBLISHED ? new Uint8Array() : payload,
    },
  ]);
}

/** What the DEAD stream is told whole; a larger letter is there without its contents, which its row has. */
const MAX_PUBLISHED = 900_000;
const MAX_HEADER_VALUE = 2000;
const MAX_HEADERS = 32;

/** Headers come from whoever published: what can be neither kept nor published again is left out, so that setting aside never fails. */
function keepable(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers)
    .filter(([name]) => /^[\w.-]{1,100}$/.test(name))
    .slice(0, MAX_HEADERS)
    .map(([name, value]) => [name, withoutControls(value).slice(0, MAX_HEADER_VALUE)]);
  return Object.fromEntries(kept) as Record<string, string>;
}

function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').toWellFormed();
}

/** How many of a consumer's letters wait for somebody. */
export async function countDeadLetters(db: Db, consumer: string): Promise<number> {
  const [row] = await db<{ letters: number }[]>`
    select count(*)::int as letters from dead_letters where consumer = ${consumer}`;
  return row?.letters ?? 0;
}

/** The oldest first; `after` is the id of the last one of the page before. */
export async function listDeadLetters(
  db: Db,
  page: { consumer?: string; after?: string; limit?: number } = {},
): Promise<DeadLetter[]> {
  const { consumer = null, after = '00000000-0000-0000-0000-000000000000', limit = 100 } = page;
  return db<DeadLetter[]>`
    select id, consumer, event_id as "eventId", subject, headers, payload, error, failed_at as "failedAt", deliveries,
      attempts, requeued_at is not null as requeued
    from dead_letters
    where id > ${after} and (${consumer}::text is null or consumer = ${consumer})
    order by id limit ${limit}`;
}

/**
 * Asks for letters to be applied: their consumer looks for them by itself, every few seconds. Asked for twice, or while it is being applied, a letter is
 * applied once.
 */
export function requeueDeadLetters(db: Db, ids: readonly string[]): Promise<DeadLetter[]> {
  return transaction(db, async (tx) => {
    const found = await tx<DeadLetter[]>`
      update dead_letters set requeued_at = coalesce(requeued_at, now()) where id = any(${[...ids]}::uuid[])
      returning id, consumer, event_id as "eventId", subject, headers, payload, error, failed_at as "failedAt",
        deliveries, attempts, true as requeued`;
    requireAll(ids, found);
    return found.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  });
}

const AT_ONCE = 100;

/** The oldest first. */
export async function findRequeued(db: Db, consumer: string): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from dead_letters where consumer = ${consumer} and requeued_at is not null order by id limit ${AT_ONCE}`;
  return rows.map(({ id }) => id);
}

/** In the transaction that applies it. Nothing where somebody has dropped it meanwhile. */
export async function takeRequeued(tx: Tx, id: string): Promise<DeadLetter | undefined> {
  const [letter] = await tx<DeadLetter[]>`
    delete from dead_letters where id = ${id} and requeued_at is not null
    returning id, consumer, event_id as "eventId", subject, headers, payload, error, failed_at as "failedAt",
      deliveries, attempts, true as requeued`;
  return letter;
}

export async function noteFailedAgain(db: Db, id: string, error: unknown): Promise<void> {
  await db`
    update dead_letters
    set attempts = attempts + 1, requeued_at = null, error = ${withoutControls(describe(error))} where id = ${id}`;
}

/** Deletes letters for good: what they say will not be applied. */
export function dropDeadLetters(db: Db, ids: readonly string[]): Promise<void> {
  return transaction(db, (tx) => deleteDeadLetters(tx, ids));
}

/** The same in a transaction that tells of it. */
export async function deleteDeadLetters(tx: Tx, ids: readonly string[]): Promise<void> {
  const dropped = await tx<{ id: string }[]>`
    delete from dead_letters where id = any(${[...ids]}::uuid[]) returning id`;
  requireAll(ids, dropped);
}

function requireAll(ids: readonly string[], found: readonly { id: string }[]): void {
  const missing = ids.filter((id) => !found.some((letter) => letter.id === id));
  if (missing.length > 0) throw new AppError('not_found', `no dead letter ${missing.join(', ')}`);
}

/** The error in words, without the parameters of a statement: those are people's data. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, ERROR_LENGTH);
  const reason = error instanceof AppError ? ` (${error.reason})` : '';
  const cause = error.cause instanceof Error ? `; caused by ${error.cause.name}: ${error.cause.message}` : '';
  return `${error.name}${reason}: ${error.message}${cause}`.slice(0, ERROR_LENGTH);
}
