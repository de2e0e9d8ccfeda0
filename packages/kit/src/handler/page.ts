import type { PageInfo, PageRequest } from '@andvari/proto/common/v1/common';
import { invalid } from '../base/errors.ts';

/** The parts of the last row's sort key, enough to go on after it whatever was inserted meanwhile. */
export type Cursor = readonly (string | number)[];

export interface Page {
  first: number;
  after: Cursor | undefined;
}

export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;

/** Checks a page as it was asked for: `parts` is how many values a cursor of this list has. Rows that are few numbers each may come in larger pages. */
export function pageFrom(request: PageRequest | undefined, parts: number, max = MAX_PAGE): Page {
  const first = request?.first ?? 0;
  if (first < 0 || first > max) throw invalid('page.first', `should be from 1 to ${max}`);
  const after = request?.after ?? '';
  return { first: first === 0 ? DEFAULT_PAGE : first, after: after === '' ? undefined : decodeCursor(after, parts) };
}

/** Takes `first + 1` rows as they were read and says whether there are more behind the page. */
export function pageOf<Row>(
  rows: readonly Row[],
  page: Page,
  cursorOf: (row: Row) => Cursor,
): { rows: readonly Row[]; pageInfo: PageInfo } {
  const shown = rows.slice(0, page.first);
  const last = shown.at(-1);
  return {
    rows: shown,
    pageInfo: {
      endCursor: last === undefined ? '' : encodeCursor(cursorOf(last)),
      hasNextPage: rows.length > page.first,
    },
  };
}

function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function decodeCursor(text: string, parts: number): Cursor {
  try {
    const cursor: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(cursor) && cursor.length === parts && cursor.every(isCursorPart)) return cursor;
  } catch {
    // Falls through: whatever it was, it is no cursor of ours.
  }
  throw invalid('page.after', 'is not a cursor of this list');
}

function isCursorPart(part: unknown): part is string | number {
  return typeof part === 'string' ? part.length <= 200 : Number.isSafeInteger(part);
}
