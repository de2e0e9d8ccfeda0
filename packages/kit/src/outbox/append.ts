import { AppError } from '../base/errors.ts';
import { lastly } from '../db/db.ts';
import { textArray, unquotedArray, uuidArray } from '../db/pg-array.ts';
import type { Tx } from '../db/types.ts';
import type { OutgoingEvent } from '../events/event.ts';

/** Below the server's limit of 1 MB for a message: one that it can never take would hold up all that follow. */
const MAX_EVENT_BYTES = 1_000_000;

/**
 * Writes events into the transaction that makes them true, with its commit; many cost one statement. Call it after the change itself: the
 * locks taken by the change are what keeps the events of one order or account in their order.
 */
export async function appendEvents(tx: Tx, events: readonly OutgoingEvent[]): Promise<void> {
  if (events.length === 0) return;
  for (const event of events) refuseTooLarge(event);
  const inserting = tx`
    insert into outbox (id, subject, headers, payload)
    select id, subject, headers::jsonb, decode(payload, 'hex')
    from unnest(
      ${uuidArray(events.map(({ id }) => id))}::uuid[],
      ${textArray(events.map(({ subject }) => subject))}::text[],
      ${textArray(events.map(({ headers }) => JSON.stringify(headers)))}::text[],
      ${unquotedArray(events.map(({ payload }) => quotedHex(payload)))}::text[]
    ) with ordinality as event (id, subject, headers, payload, place)
    order by place`;
  await lastly(tx, inserting);
}

function refuseTooLarge({ subject, headers, payload }: OutgoingEvent): void {
  const headerBytes = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 100);
  if (payload.length + headerBytes > MAX_EVENT_BYTES) {
    throw new AppError(
      'invalid_argument',
      `an event of ${payload.length} bytes on ${subject} is too large to publish`,
      {
        reason: 'event_too_large',
      },
    );
  }
}

/** Of nothing as well: a word that is empty would be none. */
function quotedHex(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}"`;
}
