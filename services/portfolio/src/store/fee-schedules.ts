import { microsecondsOf, on } from '@andvari/kit/db/tables';
import type { Db } from '@andvari/kit/db/types';
import { desc, gte, lt, sql } from 'drizzle-orm';
import type { FeeSchedule } from '../domain/fee-schedule.ts';
import { moment } from './moments.ts';
import { feeSchedules } from './schema.ts';

const { id, name, effectiveFromUs, perOrder, perShare, basisPoints, minimum, maximum } = feeSchedules;
const effectiveFrom = microsecondsOf(effectiveFromUs);
const columns = { id, name, effectiveFrom, perOrder, perShare, basisPoints, minimum, maximum };

/** The newest first. */
export async function listFeeSchedules(
  db: Db,
  page: { before: bigint | undefined; limit: number },
): Promise<FeeSchedule[]> {
  const rows = await on(db)
    .select(columns)
    .from(feeSchedules)
    .where(page.before === undefined ? undefined : lt(effectiveFromUs, moment(page.before)))
    .orderBy(desc(effectiveFromUs))
    .limit(page.limit);
  return rows.map(fromRow);
}

/** The one in force and those that are to come: enough to know which is in force at any later moment. */
export async function schedulesFrom(db: Db, atUs: bigint): Promise<FeeSchedule[]> {
  const inForce = sql`(
    select max(effective_from) from ${feeSchedules} where effective_from <= ${moment(atUs)})`;
  const rows = await on(db)
    .select(columns)
    .from(feeSchedules)
    .where(gte(effectiveFromUs, sql`coalesce(${inForce}, '-infinity')`));
  return rows.map(fromRow);
}

/** False when another begins at the same moment. */
export async function insertFeeSchedule(db: Db, schedule: FeeSchedule, createdBy: string): Promise<boolean> {
  const inserted = await db`
    insert into fee_schedules (id, name, effective_from, per_order, per_share, basis_points, minimum, maximum, created_by)
    values (${schedule.id}, ${schedule.name}, to_timestamp(${schedule.effectiveFrom}::float8 / 1e6), ${schedule.perOrder},
      ${schedule.perShare}, ${schedule.basisPoints}, ${schedule.minimum}, ${schedule.maximum ?? null}, ${createdBy === '' ? null : createdBy})
    on conflict (effective_from) do nothing`;
  return inserted.count === 1;
}

function fromRow(row: Omit<FeeSchedule, 'maximum'> & { maximum: FeeSchedule['minimum'] | null }): FeeSchedule {
  return { ...row, maximum: row.maximum ?? undefined };
}
