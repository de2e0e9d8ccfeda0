import { dateFromUs } from '@andvari/kit/base/clock';
import type { Db } from '@andvari/kit/db/types';

const BATCH = 1000;
const HOUR_US = 3_600_000_000n;
const DAY_US = 24n * HOUR_US;

/**
 * Deletes a batch of what nobody will ask for again, and says how much. Sessions stay a day after their end, so that
 * whoever comes back with one hears what became of it.
 */
export async function sweep(db: Db, atUs: bigint): Promise<number> {
  const now = dateFromUs(atUs);
  const yesterday = dateFromUs(atUs - DAY_US);
  const deleted = [
    await db`
      delete from sessions where session_id in (
        select session_id from sessions where ends_at < ${yesterday} limit ${BATCH})`,
    await db`
      delete from sessions where session_id in (
        select session_id from sessions where revoked_at < ${yesterday} limit ${BATCH})`,
    await db`
      delete from registrations where token_hash in (
        select token_hash from registrations where expires_at < ${now} limit ${BATCH})`,
    await db`
      delete from password_resets where token_hash in (
        select token_hash from password_resets where created_at < ${dateFromUs(atUs - 2n * HOUR_US)} limit ${BATCH})`,
    await db`
      delete from factor_challenges where token_hash in (
        select token_hash from factor_challenges where expires_at < ${now} limit ${BATCH})`,
    await db`
      delete from factors where user_id in (
        select user_id from factors where enabled_at is null and created_at < ${yesterday} limit ${BATCH})`,
    await db`
      delete from throttles where key in (
        select key from throttles where last_failed_at < ${dateFromUs(atUs - 2n * DAY_US)} limit ${BATCH})`,
    await db`
      delete from known_clients where ctid in (
        select ctid from known_clients where last_seen_at < ${dateFromUs(atUs - 180n * DAY_US)} limit ${BATCH})`,
    await db`
      delete from development_mails where id in (
        select id from development_mails where created_at < ${yesterday} limit ${BATCH})`,
  ];
  return deleted.reduce((sum, { count }) => sum + count, 0);
}
