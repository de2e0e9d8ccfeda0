import type { Exchange, OperationResult } from '@urql/core';
import { map, pipe } from 'wonka';

/**
 * Of two answers about one order the one with the higher version is newer, whichever arrives last: a fill that overtook the
 * answer of its own placing stays filled.
 */
export const keepNewest: Exchange =
  ({ forward }) =>
  (operations) =>
    pipe(
      forward(operations),
      map((result: OperationResult): OperationResult => {
        if (result.data == null) return result;
        newestOf(result.data, newest);
        return result;
      }),
    );

type Fields = Record<string, unknown>;
const newest = new Map<string, Fields>();
const MOST = 2000;

/** Walks what has arrived, and gives orders that are older than known their newer fields. */
export function newestOf(value: unknown, known: Map<string, Fields>): void {
  if (Array.isArray(value)) {
    for (const each of value) newestOf(each, known);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Fields;
  if (fields['__typename'] === 'Order' && typeof fields['version'] === 'number' && typeof fields['id'] === 'string') {
    reconcile(fields, fields['id'], known);
  }
  for (const each of Object.values(fields)) if (typeof each === 'object') newestOf(each, known);
}

function reconcile(arrived: Fields, id: string, known: Map<string, Fields>): void {
  const before = known.get(id);
  if (before !== undefined && Number(before['version']) > Number(arrived['version'])) {
    for (const [name, value] of Object.entries(before)) if (name in arrived) arrived[name] = value;
    return;
  }
  if (known.size >= MOST) known.delete(known.keys().next().value ?? '');
  known.set(id, { ...before, ...scalarsOf(arrived) });
}

function scalarsOf(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value !== 'object' || value === null));
}
