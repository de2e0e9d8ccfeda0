import { type SQL, sql } from 'drizzle-orm';

/** A time with its microseconds, for a condition; a cursor has it as text. */
export function moment(us: bigint | string): SQL {
  return sql`to_timestamp(${us}::float8 / 1e6)`;
}
