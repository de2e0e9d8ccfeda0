import { textArray } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import type { Journal, JournalKind } from '../domain/journal.ts';
import { journalKey } from '../domain/posting.ts';

/** Which of these were booked before, by kind and reference. */
export async function findPosted(tx: Tx, journals: readonly Journal[]): Promise<Map<string, string>> {
  const rows = await tx<{ id: string; kind: JournalKind; reference: string }[]>`
    select id, kind, reference from journals
      where (kind, reference) in (
        select * from unnest(
          ${textArray(journals.map(({ kind }) => kind))}::text[], ${textArray(journals.map(({ reference }) => reference))}::text[]))`;
  return new Map(rows.map((row) => [journalKey(row), row.id]));
}
