import { bigintArray, textArray, unquotedArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Db, Statement, Tx } from '@andvari/kit/db/types';

/** A report as it came, for later or for somebody to look at. */
export interface KeptReport {
  readonly execId: string;
  readonly orderId: string;
  readonly accountId: string;
  readonly payload: Uint8Array;
  readonly recordedAtUs: bigint;
}

export interface UnexpectedReport extends Omit<KeptReport, 'accountId'> {
  readonly kind: string;
  readonly why: string;
}

/** Reports whose order is not there yet. */
export function keepEarly(tx: Tx, reports: readonly KeptReport[]): Statement | undefined {
  if (reports.length === 0) return undefined;
  return tx`
    insert into early_reports (exec_id, order_id, account_id, payload, recorded_at_us)
    select exec_id, order_id, account_id, decode(payload, 'hex'), recorded_at_us from unnest(
      ${textArray(reports.map(({ execId }) => execId))}::text[],
      ${uuidArray(reports.map(({ orderId }) => orderId))}::uuid[],
      ${uuidArray(reports.map(({ accountId }) => accountId))}::uuid[],
      ${unquotedArray(reports.map(({ payload }) => hex(payload)))}::text[],
      ${bigintArray(reports.map(({ recordedAtUs }) => recordedAtUs))}::bigint[]
    ) with ordinality as new (exec_id, order_id, account_id, payload, recorded_at_us, place)
    order by place
    on conflict (exec_id) do nothing`;
}

/** Takes what came early for those of these orders that are there by now, in the order in which it came. */
export async function takeEarly(tx: Tx, orderIds: readonly string[]): Promise<Uint8Array[]> {
  const rows = await tx<{ position: bigint; payload: Uint8Array }[]>`
    delete from early_reports as early
    where order_id = any(${uuidArray(orderIds)}::uuid[])
      and exists (select from orders where orders.id = early.order_id and orders.status <> 'fenced')
    returning position, payload`;
  return rows.toSorted((one, other) => (one.position < other.position ? -1 : 1)).map(({ payload }) => payload);
}

/** Orders that reports have waited for since before a moment. */
export async function findMissingOrders(
  db: Db,
  beforeUs: bigint,
  limit: number,
): Promise<{ orderId: string; accountId: string }[]> {
  return db<{ orderId: string; accountId: string }[]>`
    select order_id as "orderId", min(account_id::text) as "accountId" from early_reports
    group by order_id having min(recorded_at_us) < ${beforeUs} order by min(position) limit ${limit}`;
}

export function recordUnexpected(tx: Tx, reports: readonly UnexpectedReport[]): Statement | undefined {
  if (reports.length === 0) return undefined;
  return tx`
    insert into unexpected_reports (exec_id, order_id, kind, why, payload, recorded_at_us)
    select exec_id, order_id, kind, why, decode(payload, 'hex'), recorded_at_us from unnest(
      ${textArray(reports.map(({ execId }) => execId))}::text[],
      ${uuidArray(reports.map(({ orderId }) => orderId))}::uuid[],
      ${textArray(reports.map(({ kind }) => kind))}::text[],
      ${textArray(reports.map(({ why }) => why))}::text[],
      ${unquotedArray(reports.map(({ payload }) => hex(payload)))}::text[],
      ${bigintArray(reports.map(({ recordedAtUs }) => recordedAtUs))}::bigint[]
    ) with ordinality as new (exec_id, order_id, kind, why, payload, recorded_at_us, place)
    order by place`;
}

export async function findUnexpected(
  db: Db,
  orderId: string,
): Promise<{ execId: string; kind: string; why: string; recordedAtUs: bigint }[]> {
  return db<{ execId: string; kind: string; why: string; recordedAtUs: bigint }[]>`
    select exec_id as "execId", kind, why, recorded_at_us as "recordedAtUs" from unexpected_reports
    where order_id = ${orderId}
    union all
    select exec_id, '', 'order_not_there_yet', recorded_at_us from early_reports where order_id = ${orderId}
    order by 4 limit 100`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
