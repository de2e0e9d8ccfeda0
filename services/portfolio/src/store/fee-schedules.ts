import type { Db } from '@andvari/kit/db/types';
import { toBasisPoints, toMicros } from '@andvari/money';
import type { FeeSchedule } from '../domain/fee-schedule.ts';

/** The newest first. */
export async function listFeeSchedules(
  db: Db,
  page: { before: bigint | undefined; limit: number },
): Promise<FeeSchedule[]> {
  const rows = await db<FeeScheduleRow[]>`
    select ${columns(db)} from fee_schedules
    ${page.before === undefined ? db`` : db`where effective_from < to_timestamp(${page.before}::float8 / 1e6)`}
    order by effective_from desc limit ${page.limit}`;
  return rows.map(fromRow);
}

/** The one in force and those that are to come: enough to know which is in force at any later moment. */
export async function schedulesFrom(db: Db, atUs: bigint): Promise<FeeSchedule[]> {
  const rows = await db<FeeScheduleRow[]>`
    select ${columns(db)} from fee_schedules
    where effective_from >= coalesce(
      (select max(effective_from) from fee_schedules where effective_from <= to_timestamp(${atUs}::float8 / 1e6)), '-infinity')`;
  return rows.map(fromRow);
}

/** False when another begins at the same moment. */
export async function insertFeeSchedule(db: Db, schedule: FeeSchedule, createdBy: string): Promise<boolean> {
  const { id, name, effectiveFrom, perOrder, perShare, basisPoints, minimum, maximum } = schedule;
  const inserted = await db`
    insert into fee_schedules (id, name, effective_from, per_order, per_share, basis_points, minimum, maximum, created_by)
    values (${id}, ${name}, to_timestamp(${effectiveFrom}::float8 / 1e6), ${perOrder}, ${perShare}, ${basisPoints}, ${minimum},
      ${maximum ?? null}, ${createdBy === '' ? null : createdBy})
    on conflict (effective_from) do nothing`;
  return inserted.count === 1;
}

type FeeScheduleRow = {
  id: string;
  name: string;
  effective_us: bigint;
  per_order: bigint;
  per_share: bigint;
  basis_points: bigint;
  minimum: bigint;
  maximum: bigint | null;
};

function columns(db: Db) {
  return db`id, name, (extract(epoch from effective_from) * 1000000)::bigint as effective_us, per_order, per_share,
    basis_points, minimum, maximum`;
}

function fromRow(row: FeeScheduleRow): FeeSchedule {
  return {
    id: row.id,
    name: row.name,
    effectiveFrom: row.effective_us,
    perOrder: toMicros(row.per_order),
    perShare: toMicros(row.per_share),
    basisPoints: toBasisPoints(row.basis_points),
    minimum: toMicros(row.minimum),
    maximum: row.maximum === null ? undefined : toMicros(row.maximum),
  };
}
