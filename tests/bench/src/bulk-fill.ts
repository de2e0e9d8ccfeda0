import { transaction } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';

/**
 * Fills tables with so much that it would take hours row by row: nothing is checked or triggered meanwhile, keys and indexes are taken off and
 * made again afterwards. What was written is checked then, by the same constraints.
 */
export async function fillInBulk(db: Db, tables: readonly string[], statements: readonly string[]): Promise<void> {
  await transaction(db, async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`set local synchronous_commit = off`;
    await tx`set local statement_timeout = 0`;
    await tx`set local work_mem = '256MB'`;
    await tx`set local maintenance_work_mem = '1GB'`;
    const keys = await tx<{ drop: string; make: string }[]>`
      select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
        format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as make
      from pg_constraint
      where contype in ('p', 'u') and conrelid = any (${tables as string[]}::regclass[])
        or contype = 'f' and (conrelid = any (${tables as string[]}::regclass[]) or confrelid = any (${tables as string[]}::regclass[]))
      order by contype = 'f' desc, conname`;
    const indexes = await tx<{ drop: string; make: string }[]>`
      select format('drop index %s', indexrelid::regclass) as drop, pg_get_indexdef(indexrelid) as make
      from pg_index
      where indrelid = any (${tables as string[]}::regclass[]) and not exists (select from pg_constraint where conindid = indexrelid)`;
    for (const { drop } of [...keys, ...indexes]) await tx.unsafe(drop);
    for (const statement of statements) await tx.unsafe(statement);
    for (const { make } of [...indexes, ...keys.toReversed()]) await tx.unsafe(make);
  });
  for (const table of tables) await db.unsafe(`vacuum analyze ${table}`);
}
