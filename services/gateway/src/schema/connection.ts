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
