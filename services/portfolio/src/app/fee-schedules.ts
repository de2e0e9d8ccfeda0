import { v7 as uuidv7 } from 'uuid';
import { type FeeSchedule, refuseSchedule, scheduleAt } from '../domain/fee-schedule.ts';
import { insertFeeSchedule, listFeeSchedules, schedulesFrom } from '../store/fee-schedules.ts';
import type { Deps } from './deps.ts';
import { refusal } from './refusals.ts';

/** A schedule set elsewhere is noticed within so long; whatever is reserved meanwhile keeps the one it was reserved under. */
const SCHEDULES_KEPT_MS = 1000;

/** What trading costs: schedules that operators set, each from its moment on. */
export function createFeeSchedules({ db, now }: Pick<Deps, 'db' | 'now'>) {
  let schedules: Promise<FeeSchedule[]> | undefined;

  return {
    async set(wanted: Omit<FeeSchedule, 'id'>, operatorId: string): Promise<FeeSchedule> {
      const at = now();
      const schedule = {
        ...wanted,
        id: uuidv7(),
        effectiveFrom: wanted.effectiveFrom === 0n ? at : wanted.effectiveFrom,
      };
      const refused = refuseSchedule(schedule, at);
      if (refused !== undefined) throw refusal(refused);
      if (!(await insertFeeSchedule(db, schedule, operatorId))) throw refusal('fee_schedule_exists');
      schedules = undefined;
      return schedule;
    },

    list(page: Parameters<typeof listFeeSchedules>[1]): Promise<FeeSchedule[]> {
      return listFeeSchedules(db, page);
    },

    /** The one in force now. */
    async current(): Promise<FeeSchedule> {
      schedules ??= loadSchedules();
      return scheduleAt(await schedules, now());
    },
  };

  function loadSchedules(): Promise<FeeSchedule[]> {
    const forget = (): void => {
      if (schedules === loading) schedules = undefined;
    };
    const loading = schedulesFrom(db, now());
    loading.catch(forget);
    setTimeout(forget, SCHEDULES_KEPT_MS).unref();
    return loading;
  }
}
