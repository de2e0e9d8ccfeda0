import type { Db } from '@andvari/kit/db/types';
import { type Checked, countChecked, type Finding, findings } from './findings.ts';

export type Verification = AsyncGenerator<Finding, Checked & { readonly findings: bigint }>;

/** Far longer than any statement else may take: it reads all there is. */
const TIMEOUT = '15min';

/** Every difference and then what was looked at, all of one moment: what is written meanwhile is not seen, and not held up. */
export async function* verify(db: Db): Verification {
  const connection = await db.reserve();
  try {
    await connection`begin isolation level repeatable read read only`;
    await connection`select set_config('statement_timeout', ${TIMEOUT}, true)`;
    let found = 0n;
    for await (const finding of findings(connection)) {
      found += 1n;
      yield finding;
    }
    return { ...(await countChecked(connection)), findings: found };
  } finally {
    await connection`rollback`.catch(() => undefined);
    connection.release();
  }
}
