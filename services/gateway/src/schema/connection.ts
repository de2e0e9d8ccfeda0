import { invalid } from '@andvari/kit/base/errors';
import type { PageInfo, PageRequest } from '@andvari/proto/common/v1/common';

export const DEFAULT_FIRST = 20;
export const MAX_FIRST = 100;

export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
}

export interface Connection<T> {
  edges: { cursor: string; node: T }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

/** A field that returns a connection costs what its rows cost, as often as there may be rows. */
export const connectionCost = ({ first }: PageArguments): { field: number; multiplier: number } => ({
  field: 1,
  multiplier: Math.min(Math.max(first ?? DEFAULT_FIRST, 1), MAX_FIRST),
});

/** One page of a list that a service pages: one call, whatever is asked of its rows. */
export async function connectionOf<T>(
  args: PageArguments,
  load: (page: PageRequest) => Promise<{ rows: T[]; pageInfo: PageInfo | undefined }>,
): Promise<Connection<T>> {
  const first = firstFrom(args);
  const { after, skip } = cursorFrom(args.after);
  const { rows, pageInfo } = await load({ first: first + skip, after });
  const shown = rows.slice(skip);
  const endCursor = pageInfo?.endCursor ?? '';
  return connection(shown, pageInfo?.hasNextPage ?? false, skip > 0 || after !== '', (index) =>
    index === shown.length - 1 && endCursor !== '' ? endCursor : cursorWithin(after, skip + index + 1),
  );
}

/** One page of a list that a service gives whole, because it is short by nature. */
export function connectionOfAll<T>(args: PageArguments, all: readonly T[], keyOf: (row: T) => string): Connection<T> {
  const first = firstFrom(args);
  const after = args.after ?? '';
  const start = after === '' ? 0 : all.findIndex((row) => keyOf(row) === after) + 1;
  if (after !== '' && start === 0) throw invalid('after', 'is not a cursor of this list');
  const shown = all.slice(start, start + first);
  return connection(shown, start + first < all.length, start > 0, (index) => keyOf(shown[index] as T));
}

/** What ranks what it finds ends with so many: beyond them nobody means it. */
export const MAX_RANKED = 100;

/**
 * One page of a ranking that a service gives from its top. It may be another at any moment, so a cursor is a rank in what was asked
 * for, by `of`: who goes on is never refused because a row has moved, and may see it twice or not at all.
 */
export async function connectionOfRanked<T>(
  args: PageArguments,
  of: readonly string[],
  load: (first: number) => Promise<readonly T[]>,
): Promise<Connection<T>> {
  const first = firstFrom(args);
  const start = rankFrom(args.after, of);
  const rows = await load(Math.min(start + first + 1, MAX_RANKED));
  return connection(rows.slice(start, start + first), rows.length > start + first, start > 0, (index) =>
    rankCursor(start + index + 1, of),
  );
}

function rankCursor(rank: number, of: readonly string[]): string {
  return Buffer.from(JSON.stringify([rank, ...of])).toString('base64url');
}

function rankFrom(after: string | null | undefined, of: readonly string[]): number {
  if (after === null || after === undefined || after === '') return 0;
  const rank = Number(/^\[(\d{1,3}),/.exec(Buffer.from(after, 'base64url').toString())?.[1]);
  if (rank <= MAX_RANKED && after === rankCursor(rank, of)) return rank;
  throw invalid('after', 'is not a cursor of this list');
}

function connection<T>(
  rows: readonly T[],
  hasNextPage: boolean,
  hasPreviousPage: boolean,
  cursorAt: (index: number) => string,
): Connection<T> {
  const edges = rows.map((node, index) => ({ cursor: cursorAt(index), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

export function firstFrom({ first }: PageArguments): number {
  const wanted = first ?? DEFAULT_FIRST;
  if (wanted < 1 || wanted > MAX_FIRST) throw invalid('first', `should be from 1 to ${MAX_FIRST}`);
  return wanted;
}

/** The services give one cursor a page. A row in the middle is the page's beginning and how many rows to pass over. */
const WITHIN = /^~(\d{1,3})~(.*)$/s;

function cursorWithin(after: string, skip: number): string {
  return `~${skip}~${after}`;
}

function cursorFrom(given: string | null | undefined): { after: string; skip: number } {
  const after = given ?? '';
  const [, skip, pageStart] = WITHIN.exec(after) ?? [];
  if (skip === undefined || pageStart === undefined) return { after, skip: 0 };
  if (Number(skip) > MAX_FIRST) throw invalid('after', 'is not a cursor of this list');
  return { after: pageStart, skip: Number(skip) };
}
