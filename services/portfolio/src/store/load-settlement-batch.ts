import { textArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import { toBasisPoints, toMicros, toQuantity } from '@andvari/money';
import { type FeeSchedule, NO_FEES } from '../domain/fee-schedule.ts';
import type { GroupType } from '../domain/group.ts';
import type { Lot } from '../domain/lots.ts';
import type { Position } from '../domain/position.ts';
import type { Reservation, Side } from '../domain/reservation.ts';
import type { Fill, Report } from '../domain/settlement.ts';
import {
  type Held,
  type Holding,
  holdingKey,
  type PositionRecord,
  SettlementBatch,
} from '../domain/settlement-batch.ts';

/** To be called after the ledger is locked. */
export async function loadSettlementBatch(tx: Tx, reports: readonly Report[]): Promise<SettlementBatch> {
  const fills = reports.filter((report) => report.type === 'fill');
  const [reservations, settled, positions, lots] = await Promise.all([
    loadReservations(tx, reports.flatMap(ordersOf)),
    findSettled(tx, fills),
    loadPositions(tx, fills),
    loadLots(
      tx,
      fills.filter(({ side }) => side === 'sell'),
    ),
  ]);
  await addGroups(tx, reservations);
  return new SettlementBatch(reservations, positions, lots, settled);
}

/** Adds the other orders of the groups that are among them; where there is none, nothing is asked. To be called after the ledger is locked. */
export async function addGroups(tx: Tx, reservations: Map<string, Held>): Promise<void> {
  const groups = new Set([...reservations.values()].flatMap(({ group }) => group?.id ?? []));
  if (groups.size === 0) return;
  const members = await tx<{ id: string }[]>`
    select id from reservations where group_id = any (${uuidArray([...groups])}::uuid[])`;
  const missing = members.map(({ id }) => id).filter((id) => !reservations.has(id));
  for (const [id, held] of await loadReservations(tx, missing)) reservations.set(id, held);
}

function ordersOf(report: Report): string[] {
  return report.type === 'replaced' && report.replacedBy !== undefined
    ? [report.orderId, report.replacedBy]
    : [report.orderId];
}

/** Those that were settled before, with their digests. */
async function findSettled(tx: Tx, fills: readonly Fill[]): Promise<Map<string, string>> {
  const rows = await tx<{ execId: string; digest: string }[]>`
    select found.exec_id as "execId", found.digest
      from unnest(${textArray(fills.map(({ execId }) => execId))}::text[]) as asked (exec_id)
      cross join lateral (
        select exec_id, digest from executions where exec_id = asked.exec_id
        -- Fenced: a plan made while the table was small would read all of it.
        offset 0) found`;
  return new Map(rows.map(({ execId, digest }) => [execId, digest]));
}

/** To be called after the ledger is locked. */
export async function loadReservations(tx: Tx, ids: readonly string[]): Promise<Map<string, Held>> {
  const rows = await tx<ReservationRow[]>`
    select held.id, held.group_id, held.group_type, held.group_leg, held.account_id, held.symbol, held.replaces, held.asked_qty, held.asked_principal, held.limit_price, held.side, held.state, held.qty, held.filled, held.carried, held.principal, held.fee_cap,
        held.remaining, held.traded, held.fee_paid, schedule.id as schedule_id, schedule.name as schedule_name,
        schedule.per_order, schedule.per_share, schedule.basis_points, schedule.minimum, schedule.maximum
      from reservations held
      left join fee_schedules schedule on schedule.id = held.fee_schedule_id
      where held.id = any (${uuidArray(ids)}::uuid[]) and held.purpose = 'order'`;
  return new Map(rows.map((row) => [row.id, heldFrom(row)]));
}

/** To be called after the ledger is locked. */
export async function loadPositions(tx: Tx, fills: readonly Holding[]): Promise<Map<string, PositionRecord>> {
  const rows = await tx<PositionRow[]>`
    select held.* from (
        select distinct * from unnest(
          ${uuidArray(fills.map(({ accountId }) => accountId))}::uuid[], ${textArray(fills.map(({ symbol }) => symbol))}::text[])
      ) as asked (account_id, symbol)
      cross join lateral (
        select account_id, symbol, qty, cost, average_cost, bought, sold from positions
          where account_id = asked.account_id and symbol = asked.symbol offset 0) held`;
  return new Map(
    rows.map((row) => [
      holdingKey({ accountId: row.account_id, symbol: row.symbol }),
      { accountId: row.account_id, symbol: row.symbol, position: positionFrom(row), at: 0n },
    ]),
  );
}

/** The oldest open lots of what is to be sold, as many as the sales can need: most positions have few, some have thousands. */
export async function loadLots(
  tx: Tx,
  sales: readonly (Holding & { readonly qty: bigint })[],
): Promise<Map<string, Lot[]>> {
  const wanted = new Map<string, { holding: Holding; qty: bigint }>();
  for (const sale of sales) {
    const key = holdingKey(sale);
    wanted.set(key, { holding: sale, qty: (wanted.get(key)?.qty ?? 0n) + sale.qty });
  }
  const loaded = new Map<string, Lot[]>();
  for (let limit = FIRST_LOTS; wanted.size > 0; limit *= 16) {
    const holdings = [...wanted.values()].map(({ holding }) => holding);
    const rows = await tx<LotRow[]>`
      select lot.* from unnest(
          ${uuidArray(holdings.map(({ accountId }) => accountId))}::uuid[], ${textArray(holdings.map(({ symbol }) => symbol))}::text[]
        ) as wanted (account_id, symbol)
        cross join lateral (
          select account_id, symbol, id, (extract(epoch from opened_at) * 1000000)::bigint as opened_us, qty, cost, remaining
            from lots
            where lots.account_id = wanted.account_id and lots.symbol = wanted.symbol and remaining > 0
            order by sequence limit ${limit}
        ) lot`;
    const found = Map.groupBy(rows, (row) => holdingKey({ accountId: row.account_id, symbol: row.symbol }));
    for (const [key, { qty }] of wanted) {
      const lots = (found.get(key) ?? []).map(lotFrom);
      const enough = lots.reduce((total, { remaining }) => total + remaining, 0n) >= qty;
      if (!enough && lots.length === limit) continue;
      loaded.set(key, lots);
      wanted.delete(key);
    }
  }
  return loaded;
}

const FIRST_LOTS = 32;

type ReservationRow = {
  id: string;
  group_id: string | null;
  group_type: GroupType | null;
  group_leg: number | null;
  account_id: string;
  symbol: string;
  replaces: string | null;
  asked_qty: bigint | null;
  asked_principal: bigint | null;
  limit_price: bigint | null;
  side: Side;
  state: Reservation['state'];
  qty: bigint;
  filled: bigint;
  carried: bigint;
  principal: bigint;
  fee_cap: bigint;
  remaining: bigint;
  traded: bigint;
  fee_paid: bigint;
} & (
  | { schedule_id: null }
  | {
      schedule_id: string;
      schedule_name: string;
      per_order: bigint;
      per_share: bigint;
      basis_points: bigint;
      minimum: bigint;
      maximum: bigint | null;
    }
);

type PositionRow = {
  account_id: string;
  symbol: string;
  qty: bigint;
  cost: bigint;
  average_cost: bigint;
  bought: bigint;
  sold: bigint;
};

type LotRow = {
  account_id: string;
  symbol: string;
  id: string;
  opened_us: bigint;
  qty: bigint;
  cost: bigint;
  remaining: bigint;
};

function heldFrom(row: ReservationRow): Held {
  const reservation: Reservation = {
    orderId: row.id,
    side: row.side,
    state: row.state,
    qty: toQuantity(row.qty),
    filled: toQuantity(row.filled),
    carried: toQuantity(row.carried),
    principal: toMicros(row.principal),
    feeCap: toMicros(row.fee_cap),
    remaining: toMicros(row.remaining),
    traded: toMicros(row.traded),
    feePaid: toMicros(row.fee_paid),
  };
  const terms = {
    accountId: row.account_id,
    symbol: row.symbol,
    qty: row.asked_qty ?? row.qty,
    principal: row.asked_principal ?? row.principal,
    limit: row.limit_price ?? undefined,
  };
  return {
    reservation,
    schedule: scheduleFrom(row),
    terms,
    replaces: row.replaces ?? undefined,
    group: groupFrom(row),
  };
}

function groupFrom({ group_id: id, group_type: type, group_leg: leg }: ReservationRow): Held['group'] {
  return id === null || type === null ? undefined : { id, type, leg: leg ?? 0 };
}

/** When a schedule came into force no longer matters to an order that was reserved under it. */
function scheduleFrom(row: ReservationRow): FeeSchedule {
  if (row.schedule_id === null) return NO_FEES;
  return {
    id: row.schedule_id,
    name: row.schedule_name,
    effectiveFrom: 0n,
    perOrder: toMicros(row.per_order),
    perShare: toMicros(row.per_share),
    basisPoints: toBasisPoints(row.basis_points),
    minimum: toMicros(row.minimum),
    maximum: row.maximum === null ? undefined : toMicros(row.maximum),
  };
}

function positionFrom(row: PositionRow): Position {
  return {
    qty: toQuantity(row.qty),
    cost: toMicros(row.cost),
    averageCost: toMicros(row.average_cost),
    bought: toMicros(row.bought),
    sold: toMicros(row.sold),
  };
}

function lotFrom(row: LotRow): Lot {
  return {
    id: row.id,
    openedAt: row.opened_us,
    qty: toQuantity(row.qty),
    cost: toMicros(row.cost),
    remaining: toQuantity(row.remaining),
  };
}
