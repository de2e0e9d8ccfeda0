import { type Tx, transaction } from '@andvari/kit/db';
import { type Micros, negate } from '@andvari/money';
import { v7 as uuidv7 } from 'uuid';
import { refuseCurrency } from '../domain/account.ts';
import type { Currency } from '../domain/asset.ts';
import { type FeeSchedule, refuseSchedule, scheduleAt } from '../domain/fee-schedule.ts';
import { adjustmentJournal } from '../domain/journal.ts';
import { adjustmentPostedEvent } from '../events/publish.ts';
import { lockAccounts } from '../store/accounts.ts';
import { insertFeeSchedule, listFeeSchedules, schedulesFrom } from '../store/fee-schedules.ts';
import { postJournals } from '../store/post.ts';
import { type Verification, verify } from '../store/verification.ts';
import type { Neighbours } from './neighbours.ts';
import { once } from './once.ts';
import { refusal, withinRange } from './refusals.ts';

export type AdjustRequest = {
  readonly accountId: string;
  readonly currency: Currency;
  /** Signed. */
  readonly amount: Micros;
  readonly reason: string;
  readonly key: string;
  /** Who says so; empty when a service does. */
  readonly operatorId: string;
};

/** A schedule set elsewhere is noticed within so long; whatever is reserved meanwhile keeps the one it was reserved under. */
const SCHEDULES_KEPT_MS = 1000;
const A_SERVICE = '00000000-0000-0000-0000-000000000000';

/** What clients may not do: corrections, fees, and looking whether everything adds up. */
export function createOperator({ db, now, append, wakeRelay }: Neighbours) {
  let schedules: Promise<FeeSchedule[]> | undefined;

  return {
    async adjust({ key, operatorId, ...request }: AdjustRequest): Promise<string> {
      const keyed = { userId: operatorId === '' ? A_SERVICE : operatorId, key, operation: 'adjust', request };
      const { answer } = await withinRange(() =>
        transaction(db, (tx) => once(tx, keyed, () => post(tx, { ...request, key, operatorId }))),
      );
      wakeRelay();
      return answer.journalId;
    },

    async setFeeSchedule(wanted: Omit<FeeSchedule, 'id'>, operatorId: string): Promise<FeeSchedule> {
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

    listFeeSchedules(page: Parameters<typeof listFeeSchedules>[1]): Promise<FeeSchedule[]> {
      return listFeeSchedules(db, page);
    },

    /** The one in force now. */
    async schedule(): Promise<FeeSchedule> {
      schedules ??= loadSchedules();
      return scheduleAt(await schedules, now());
    },

    verify(): Verification {
      return verify(db);
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

  async function post(tx: Tx, request: AdjustRequest) {
    const { accountId, currency, amount, reason, operatorId } = request;
    const account = (await lockAccounts(tx, [accountId], 'use')).get(accountId);
    if (account === undefined) throw refusal('account_not_found');
    if (account.status === 'closed') throw refusal('account_closed');
    const wrong = refuseCurrency(account, currency);
    if (wrong !== undefined) throw refusal(wrong, { field: 'asset' });
    const journal = adjustmentJournal({ id: uuidv7(), accountId, asset: currency, amount, reason, at: now() });
    const [outcome] = await postJournals(tx, [{ journal }]);
    if (outcome?.outcome === 'insufficient') {
      throw refusal('insufficient_funds', { numbers: { needed: negate(amount), available: outcome.available } });
    }
    if (outcome?.outcome !== 'posted') throw new Error(`an adjustment could not be booked: ${outcome?.outcome}`);
    const { journalId } = outcome;
    await append(tx, [adjustmentPostedEvent({ accountId, operatorId, asset: currency, amount, reason, journalId })]);
    return { journalId };
  }
}
