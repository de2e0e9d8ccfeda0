import { microsOf } from '@andvari/money/decimal';
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
  if (fields['__typename'] === 'OrderMoved') tell(fields, known);
}

/** An event is after the version that was read beside it and before the next one. */
const AFTER = 0.5;
const over = new Set<unknown>(['FILLED', 'CANCELED', 'REPLACED', 'EXPIRED', 'REJECTED']);
/** Towards the market, and never back: an exit is held until its entry is whole, a stop waits for its price. */
const steps: readonly unknown[] = ['PENDING_NEW', 'HELD', 'ACCEPTED', 'NEW'];

/**
 * What an event says that the order beside it does not know yet: the order is read when the event is sent, and the order service
 * may hear of it a moment later than we do. No other event would come to put it right.
 */
function tell({ order, event, status, filledQuantity, averagePrice }: Fields, known: Map<string, Fields>): void {
  if (typeof order !== 'object' || order === null) return;
  const fields = order as Fields;
  const { id, version, status: before } = fields;
  if (typeof id !== 'string' || typeof version !== 'number' || over.has(before)) return;
  const isNews =
    over.has(status) ||
    (steps.includes(before) && steps.indexOf(status) > steps.indexOf(before)) ||
    (event === 'CANCEL_REJECTED' && before === 'PENDING_CANCEL') ||
    (event === 'REPLACE_REJECTED' && before === 'PENDING_REPLACE') ||
    (event === 'FILL' && isMore(filledQuantity, fields['filledQuantity']));
  if (!isNews) return;
  fields['status'] = status;
  fields['filledQuantity'] = filledQuantity;
  fields['averagePrice'] = averagePrice;
  known.set(id, { ...known.get(id), ...scalarsOf(fields), version: version + AFTER });
}

function isMore(left: unknown, right: unknown): boolean {
  return typeof left === 'string' && typeof right === 'string' && microsOf(left) > microsOf(right);
}

function reconcile(arrived: Fields, id: string, known: Map<string, Fields>): void {
  const before = known.get(id);
  if (before !== undefined && isOlder(arrived, before)) {
    for (const [name, value] of Object.entries(before)) if (name in arrived) arrived[name] = value;
    arrived['version'] = Math.floor(Number(before['version']));
    return;
  }
  if (known.size >= MOST) known.delete(known.keys().next().value ?? '');
  known.set(id, { ...before, ...scalarsOf(arrived) });
}

/** What has ended does not begin again, whichever version says so. */
function isOlder(arrived: Fields, before: Fields): boolean {
  if (over.has(before['status']) && !over.has(arrived['status'])) return true;
  return Number(before['version']) > Number(arrived['version']);
}

function scalarsOf(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value !== 'object' || value === null));
}
