import { databaseError } from '@andvari/kit/db/db';
import { numbers, texts, words } from '@andvari/kit/db/pg-array';
import type { Db } from '@andvari/kit/db/types';
import { type Micros, type Quantity, toMicros, ZERO } from '@andvari/money';
import type { Asset } from '../domain/asset.ts';
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
  readonly qty: Quantity;
  readonly principal: Micros;
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
  | 'insufficient';

export type ReserveAnswer = {
  readonly outcome: ReserveOutcome;
  /** What the order holds now. */
  readonly remaining: Micros;
  /** What is left to reserve, or for `insufficient` what there was. */
  readonly available: Micros;
  readonly accountStatus: string | null;
  readonly accountKind: string | null;
};

/** Reserves for each request that fits, in the order given; the rest are told why not. One statement, one commit. */
export async function reserveBatch(db: Db, requests: readonly ReserveRequest[]): Promise<ReserveAnswer[]> {
  const firstAt = new Map<string, number>();
  for (const [index, { orderId }] of requests.entries()) if (!firstAt.has(orderId)) firstAt.set(orderId, index);
  const places = [...firstAt.values()];
  const asked = requests.filter(({ orderId }, index) => firstAt.get(orderId) === index);
  const answers = await reserveDistinct(db, asked);
  const answerAt = new Map(answers.map((answer, index) => [places[index], { answer, request: asked[index] }]));
  return requests.map((request, index) => {
    const place = firstAt.get(request.orderId);
    const first = answerAt.get(place);
    if (first?.request === undefined) throw new Error('a reservation was not answered');
    return place === index ? first.answer : repeatOf(first.answer, sameRequest(first.request, request));
  });
}

export type ReleaseRequest = { readonly id: string; readonly accountId?: string };
export type ReleaseOutcome = 'released' | 'closed' | 'not_found';
export type ReleaseAnswer = { readonly outcome: ReleaseOutcome; readonly freed: Micros };

/** Gives back what each reservation still holds. Released again, it gives back nothing. */
export async function releaseBatch(db: Db, requests: readonly ReleaseRequest[]): Promise<ReleaseAnswer[]> {
  const rows = await db<{ outcome: ReleaseOutcome; freed: bigint }[]>`
    select outcome, freed from release_batch(
      ${words(requests.map(({ id }) => id))}::uuid[],
      ${words(requests.map(({ accountId }) => accountId ?? null))}::uuid[])`.catch(rethrow);
  return rows.map(({ outcome, freed }) => ({ outcome, freed: toMicros(freed) }));
}

type ReserveRow = {
  outcome: ReserveOutcome;
  remaining: bigint;
  available: bigint;
  account_status: string | null;
  account_kind: string | null;
};

async function reserveDistinct(db: Db, requests: readonly ReserveRequest[]): Promise<ReserveAnswer[]> {
  const column = <T>(of: (request: ReserveRequest) => T): T[] => requests.map(of);
  const rows = await db<ReserveRow[]>`
    select outcome, remaining, available, account_status, account_kind from reserve_batch(
      ${words(column((r) => r.orderId))}::uuid[],
      ${words(column((r) => r.accountId))}::uuid[],
      ${words(column((r) => r.userId ?? null))}::uuid[],
      ${texts(column((r) => r.side))}::text[],
      ${texts(column((r) => r.symbol))}::text[],
      ${texts(column((r) => r.asset))}::text[],
      ${numbers(column<bigint>((r) => r.qty))}::bigint[],
      ${numbers(column<bigint>((r) => r.principal))}::bigint[],
      ${numbers(column<bigint>((r) => r.feeCap))}::bigint[],
      ${words(column((r) => r.feeScheduleId ?? null))}::uuid[])`.catch(rethrow);
  return rows.map((row) => ({
    outcome: row.outcome,
    remaining: toMicros(row.remaining),
    available: toMicros(row.available),
    accountStatus: row.account_status,
    accountKind: row.account_kind,
  }));
}

/** The second of two requests with one id in one batch is answered as if it had come in the next. */
function repeatOf(answer: ReserveAnswer, same: boolean): ReserveAnswer {
  if (answer.outcome !== 'reserved' && answer.outcome !== 'repeated') return answer;
  return same ? { ...answer, outcome: 'repeated' } : { ...answer, outcome: 'mismatch', remaining: ZERO };
}

function sameRequest(one: ReserveRequest, other: ReserveRequest): boolean {
  return (
    one.accountId === other.accountId &&
    one.asset === other.asset &&
    one.side === other.side &&
    one.symbol === other.symbol &&
    one.qty === other.qty &&
    one.principal === other.principal
  );
}

function rethrow(error: unknown): never {
  throw databaseError(error);
}
