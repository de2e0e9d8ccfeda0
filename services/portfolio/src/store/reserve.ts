import { databaseError } from '@andvari/kit/db/errors';
import { bigintArray, textArray, unquotedArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Db } from '@andvari/kit/db/types';
import { type Micros, type Price, type Quantity, toMicros } from '@andvari/money';
import { type AccountKind, type AccountStatus, tradingAccounts } from '../domain/account.ts';
import type { Asset, Currency } from '../domain/asset.ts';
import type { Side } from '../domain/reservation.ts';

export type ReserveRequest = {
  readonly orderId: string;
  readonly accountId: string;
  /** Whose account it must be; absent when the caller speaks for the system. */
  readonly userId?: string;
  readonly side: Side;
  readonly symbol: string;
  /** What is held: the currency for a buy, the symbol for a sale. */
  readonly asset: Asset;
  /** What it trades in, as far as anybody knows. */
  readonly currency?: Currency;
  readonly qty: Quantity;
  readonly principal: Micros;
  /** The worst price it may trade at, where it has one. */
  readonly limit?: Price;
  readonly feeCap: Micros;
  readonly feeScheduleId?: string;
};

export type ReserveOutcome =
  | 'reserved'
  /** Asked before, and still held. */
  | 'repeated'
  /** Asked before, and over: a reservation does not come back. */
  | 'closed'
  /** The id stands for another request. */
  | 'mismatch'
  | 'account_not_found'
  /** Its status or kind forbids trading. */
  | 'account_refused'
  /** The account is kept in another. */
  | 'wrong_currency'
  | 'insufficient';

export type ReserveAnswer = {
  readonly outcome: ReserveOutcome;
  /** What the order holds now. */
  readonly remaining: Micros;
  /** What is left to reserve, or for `insufficient` what there was. */
  readonly available: Micros;
  /** Null where there is no such account. */
  readonly accountStatus: AccountStatus | null;
  readonly accountKind: AccountKind | 'house' | null;
};

/** Reserves for each request that fits, in the order given; the rest are told why not. One statement, one commit. */
export async function reserveBatch(db: Db, requests: readonly ReserveRequest[]): Promise<ReserveAnswer[]> {
  const first = new Map<string, number>();
  for (const [index, { orderId }] of requests.entries()) if (!first.has(orderId)) first.set(orderId, index);
  const isFirst = ({ orderId }: ReserveRequest, index: number) => first.get(orderId) === index;
  const answers = await reserveDistinct(db, requests.filter(isFirst));
  const later = requests.filter((request, index) => !isFirst(request, index));
  // The second of two with one id is answered as if it had come in the next batch.
  const laterAnswers = later.length === 0 ? [] : await reserveBatch(db, later);
  const [ofFirst, ofLater] = [answers.values(), laterAnswers.values()];
  return requests.map((request, index) => {
    const { value } = (isFirst(request, index) ? ofFirst : ofLater).next();
    if (value === undefined) throw new Error('a reservation was not answered');
    return value;
  });
}

export type ReleaseRequest = { readonly id: string; readonly accountId?: string };
export type ReleaseOutcome = 'released' | 'closed' | 'not_found';
export type ReleaseAnswer = { readonly outcome: ReleaseOutcome; readonly freed: Micros };

/** Gives back what each reservation still holds. Released again, it gives back nothing. */
export async function releaseBatch(db: Db, requests: readonly ReleaseRequest[]): Promise<ReleaseAnswer[]> {
  const rows = await db<{ outcome: ReleaseOutcome; freed: bigint }[]>`
    select outcome, freed from release_batch(
      ${uuidArray(requests.map(({ id }) => id))}::uuid[],
      ${uuidArray(requests.map(({ accountId }) => accountId ?? null))}::uuid[])`.catch(rethrow);
  return rows.map(({ outcome, freed }) => ({ outcome, freed: toMicros(freed) }));
}

type ReserveRow = {
  outcome: ReserveOutcome;
  remaining: bigint;
  available: bigint;
  account_status: AccountStatus | null;
  account_kind: AccountKind | 'house' | null;
};

async function reserveDistinct(db: Db, requests: readonly ReserveRequest[]): Promise<ReserveAnswer[]> {
  const trading = tradingAccounts();
  const column = <T>(of: (request: ReserveRequest) => T): T[] => requests.map(of);
  const rows = await db<ReserveRow[]>`
    select outcome, remaining, available, account_status, account_kind from reserve_orders(
      ${uuidArray(column((r) => r.orderId))}::uuid[],
      ${uuidArray(column((r) => r.accountId))}::uuid[],
      ${uuidArray(column((r) => r.userId ?? null))}::uuid[],
      ${textArray(column((r) => r.side))}::text[],
      ${textArray(column((r) => r.symbol))}::text[],
      ${textArray(column((r) => r.asset))}::text[],
      ${unquotedArray(column((r) => r.currency ?? null))}::text[],
      ${bigintArray(column<bigint>((r) => r.qty))}::bigint[],
      ${bigintArray(column<bigint>((r) => r.principal))}::bigint[],
      ${unquotedArray(column((r) => r.limit?.toString() ?? null))}::bigint[],
      ${bigintArray(column<bigint>((r) => r.feeCap))}::bigint[],
      ${uuidArray(column((r) => r.feeScheduleId ?? null))}::uuid[],
      ${unquotedArray(trading.statuses)}::text[], ${unquotedArray(trading.kinds)}::text[])`.catch(rethrow);
  return rows.map((row) => ({
    outcome: row.outcome,
    remaining: toMicros(row.remaining),
    available: toMicros(row.available),
    accountStatus: row.account_status,
    accountKind: row.account_kind,
  }));
}

function rethrow(error: unknown): never {
  throw databaseError(error);
}
