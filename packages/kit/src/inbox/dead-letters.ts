import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../base/errors.ts';
import { transaction } from '../db/db.ts';
import type { Db, Tx } from '../db/types.ts';
import type { OutgoingEvent, RawEvent } from '../events/event.ts';
import { appendEvents } from '../outbox/append.ts';
import type { Commit } from '../outbox/commit.ts';

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
    select id, consumer, event_id as "eventId", subject, headers, payload, error, failed_at as "failedAt", deliveries
    from dead_letters
    where id > ${after} and (${consumer}::text is null or consumer = ${consumer})
    order by id limit ${limit}`;
}

/**
 * Sends letters again under the subjects they came by, forgetting that their consumers ever received them. Every other
 * consumer of these subjects sees them too, and drops them by their event id.
 */
export async function requeueDeadLetters(commit: Commit, ids: readonly string[]): Promise<void> {
  await commit(async (tx, say) => {
    const letters = await take(tx, ids);
    for (const { consumer, eventId } of letters) {
      await tx`delete from inbox where consumer = ${consumer} and event_id = ${eventId}`;
    }
    // The stream may still remember the first publication, so this one has an id of its own.
    say(...letters.map(({ subject, headers, payload }) => sentAgain({ subject, headers, payload })));
  });
}

/** Deletes letters for good: what they say will not be applied. */
export async function dropDeadLetters(db: Db, ids: readonly string[]): Promise<void> {
  await transaction(db, (tx) => take(tx, ids));
}

async function take(tx: Tx, ids: readonly string[]): Promise<DeadLetter[]> {
  const letters = await tx<DeadLetter[]>`
    delete from dead_letters where id = any(${[...ids]}::uuid[])
    returning id, consumer, event_id as "eventId", subject, headers, payload`;
  const missing = ids.filter((id) => !letters.some((letter) => letter.id === id));
  if (missing.length > 0) throw new AppError('not_found', `no dead letter ${missing.join(', ')}`);
  return letters.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function sentAgain(raw: RawEvent): OutgoingEvent {
  return { id: uuidv7(), ...raw };
}

/** The error in words, without the parameters of a statement: those are people's data. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, ERROR_LENGTH);
  const reason = error instanceof AppError ? ` (${error.reason})` : '';
  const cause = error.cause instanceof Error ? `; caused by ${error.cause.name}: ${error.cause.message}` : '';
  return `${error.name}${reason}: ${error.message}${cause}`.slice(0, ERROR_LENGTH);
}
