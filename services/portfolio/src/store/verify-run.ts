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

/** Between two checks, after one that took so long. */
type Rest = (tookMs: number) => Promise<unknown>;

/**
 * Every difference and then what was looked at. Each check is one statement and sees one moment; what is written meanwhile is not seen, and not held
 * up. Between two checks nothing is held at all, not even a connection, so that what traffic leaves behind can be cleared away.
 */
export async function* verify(db: Db, rest: Rest = async () => {}): Verification {
  let found = 0n;
  for (const check of await checksFor(db)) {
    const startedAt = performance.now();
    for await (const finding of verifyOne(db, check)) {
      found += 1n;
      yield finding;
    }
    await rest(performance.now() - startedAt);
  }
  return { ...(await countChecked(db)), findings: found };
}

async function* verifyOne(db: Db, check: string): AsyncGenerator<Finding> {
  const connection = await db.reserve();
  try {
    await connection.unsafe(`begin read only; ${MANNERS}`);
    yield* findingsOf(connection, check);
  } finally {
    await connection`rollback`.catch(() => undefined);
    connection.release();
  }
}
