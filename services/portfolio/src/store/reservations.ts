import { bigintArray, textArray, unquotedArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Membership } from '../domain/group.ts';
import type { Reservation, Side } from '../domain/reservation.ts';
import type { Terms } from '../domain/settlement.ts';

/** What of an order's reservation never changes, so it may be read before the locks. A withdrawal's hold is none. */
export type OrderReservation = {
  readonly orderId: string;
  readonly accountId: string;
  readonly userId: string;
  readonly side: Side;
  readonly groupId: string | null;
};

export async function findOrderReservations(
  db: Db | Tx,
  orderIds: readonly string[],
): Promise<Map<string, OrderReservation>> {
  const rows = await db<OrderReservation[]>`
    select held.id as "orderId", held.account_id as "accountId", account.user_id as "userId", held.side,
      held.group_id as "groupId"
    from reservations held join accounts account on account.id = held.account_id
    where held.id = any(${uuidArray(orderIds)}::uuid[]) and held.purpose = 'order'`;
  return new Map(rows.map((row) => [row.orderId, row]));
}

/** What is held for an order: for an exit of a group what its exits hold between them, which all hang on one balance. */
export type HeldForOrder = {
  readonly asset: string;
  readonly amount: bigint;
  readonly remaining: bigint;
  readonly state: Reservation['state'];
};

export async function findHeldForOrder(db: Db, orderId: string): Promise<HeldForOrder | undefined> {
  const [row] = await db<HeldForOrder[]>`
    select ledger.asset, coalesce(held.asked_principal, held.principal) + held.fee_cap as amount, held.state,
        case when held.group_id is null then held.remaining else (
          select sum(leg.remaining)::bigint from reservations leg
          where leg.group_id = held.group_id and leg.ledger_account_id = held.ledger_account_id) end as remaining
      from reservations held join ledger_accounts ledger on ledger.id = held.ledger_account_id
      where held.id = ${orderId} and held.purpose = 'order'`;
  return row;
}

export type CashHeld = { readonly posted: bigint; readonly reserved: bigint; readonly forWithdrawals: bigint };

/** An account's cash and what of it is held for what, in one look: read one after the other the figures would not fit together. */
export async function findCashHeld(db: Db, accountId: string, currency: string): Promise<CashHeld> {
  const [row] = await db<CashHeld[]>`
    select cash.posted, cash.reserved, (
        select coalesce(sum(held.remaining), 0)::bigint from reservations held
        where held.ledger_account_id = cash.id and held.state = 'open' and held.purpose = 'withdrawal'
      ) as "forWithdrawals"
    from ledger_accounts cash where cash.account_id = ${accountId} and cash.asset = ${currency}`;
  return row ?? { posted: 0n, reserved: 0n, forWithdrawals: 0n };
}

export type Outstanding = {
  readonly purpose: 'order' | 'withdrawal';
  readonly open: number;
  readonly oldestSeconds: number;
};

export async function outstandingReservations(db: Db): Promise<Outstanding[]> {
  return db<Outstanding[]>`
    select purpose, count(held.id)::int as open,
      coalesce(extract(epoch from now() - min(held.created_at)), 0)::float8 as "oldestSeconds"
    from unnest(array['order', 'withdrawal']) as purpose
    left join (select id, purpose, created_at from reservations where state = 'open') held using (purpose)
    group by purpose`;
}

export type NewReservation = {
  reservation: Reservation;
  readonly terms: Terms;
  readonly replaces: string | undefined;
  readonly group: Membership | undefined;
  readonly ledgerAccountId: bigint;
  readonly feeScheduleId: string | undefined;
};

export async function insertReservations(tx: Tx, rows: readonly NewReservation[]): Promise<void> {
  if (rows.length === 0) return;
  const column = (of: (reservation: Reservation) => bigint): bigint[] => rows.map(({ reservation }) => of(reservation));
  await tx`
    insert into reservations (id, purpose, ledger_account_id, account_id, side, symbol, qty, principal, limit_price, fee_cap, remaining,
        fee_schedule_id, replaces, group_id, group_type, group_leg)
      select id, 'order', ledger_account_id, account_id, side, symbol, qty, principal, limit_price, fee_cap, remaining,
          fee_schedule_id, replaces, group_id, group_type, group_leg
        from unnest(
          ${uuidArray(rows.map(({ reservation }) => reservation.orderId))}::uuid[],
          ${bigintArray(rows.map(({ ledgerAccountId }) => ledgerAccountId))}::bigint[],
          ${uuidArray(rows.map(({ terms }) => terms.accountId))}::uuid[],
          ${textArray(rows.map(({ reservation }) => reservation.side))}::text[],
          ${textArray(rows.map(({ terms }) => terms.symbol))}::text[],
          ${bigintArray(column(({ qty }) => qty))}::bigint[],
          ${bigintArray(column(({ principal }) => principal))}::bigint[],
          ${unquotedArray(rows.map(({ terms }) => terms.limit?.toString() ?? null))}::bigint[],
          ${bigintArray(column(({ feeCap }) => feeCap))}::bigint[],
          ${bigintArray(column(({ remaining }) => remaining))}::bigint[],
          ${uuidArray(rows.map(({ feeScheduleId }) => feeScheduleId ?? null))}::uuid[],
          ${uuidArray(rows.map(({ replaces }) => replaces ?? null))}::uuid[],
          ${uuidArray(rows.map(({ group }) => group?.id ?? null))}::uuid[],
          ${unquotedArray(rows.map(({ group }) => group?.type ?? null))}::text[],
          ${unquotedArray(rows.map(({ group }) => group?.leg.toString() ?? null))}::smallint[]
        ) as new (id, ledger_account_id, account_id, side, symbol, qty, principal, limit_price, fee_cap, remaining, fee_schedule_id,
          replaces, group_id, group_type, group_leg)`;
}
