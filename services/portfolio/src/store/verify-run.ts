import type { Db } from '@andvari/kit/db/types';
import { type Checked, checksFor, countChecked, type Finding, findingsOf } from './findings.ts';

export type Verification = AsyncGenerator<Finding, Checked & { readonly findings: bigint }>;

/**
 * One processor, and memory for sorting that a server of any size can spare: it reads all there is, beside traffic that may not notice. A check
 * may take far longer than any statement else.
 */
const MANNERS = `
  set local statement_timeout = '15min';
  set local max_parallel_workers_per_gather = 0;
  set local work_mem = '64MB'`;

/**
 * Every difference and then what was looked at. Each check is one statement and sees one moment; what is written meanwhile is not seen, and not held
 * up. Between two checks nothing is held at all, so that what traffic leaves behind can be cleared away.
 */
export async function* verify(db: Db): Verification {
  const connection = await db.reserve();
  let isLooking = false;
  try {
    let found = 0n;
    for (const check of await checksFor(connection)) {
      isLooking = true;
      await connection.unsafe(`begin read only; ${MANNERS}`);
      for await (const finding of findingsOf(connection, check)) {
        found += 1n;
        yield finding;
      }
      await connection`commit`;
      isLooking = false;
    }
    return { ...(await countChecked(connection)), findings: found };
  } finally {
    if (isLooking) await connection`rollback`.catch(() => undefined);
    connection.release();
  }
}
