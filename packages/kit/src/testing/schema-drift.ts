import { getTableName, is } from 'drizzle-orm';
import { getTableConfig, type PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Db } from '../db/types.ts';

/** In every service's database; described where they are used, in the kit. */
export const kitTables = ['schema_migrations', 'outbox', 'outbox_cursor', 'inbox', 'inbox_positions', 'dead_letters'];

/**
 * Where the tables of a `store/schema.ts` and those that the migrations made differ, a line each: columns, keys,
 * references, and which words a column may hold. The kit's own tables are left out.
 */
export async function schemaDrift(db: Db, schema: object): Promise<{ missing: string[]; wrong: string[] }> {
  const described = new Set(Object.values(schema).flatMap(linesOf));
  const found = new Set((await readLines(db)).map(({ line }) => line));
  return {
    missing: [...found].filter((line) => !described.has(line)),
    wrong: [...described].filter((line) => !found.has(line)),
  };
}

function linesOf(table: unknown): string[] {
  if (!is(table, PgTable)) return [];
  const { columns, primaryKeys, foreignKeys } = getTableConfig(table);
  const name = getTableName(table);
  const inKey = primaryKeys[0]?.columns ?? columns.filter((column) => column.primary);
  return [
    ...columns.map((column) => `${name}.${column.name} ${typeOf(column)}`),
    ...(inKey.length === 0 ? [] : [`${name} key (${list(inKey)})`]),
    ...foreignKeys.map((key) => {
      const { columns: from, foreignTable, foreignColumns } = key.reference();
      const action = key.onDelete === undefined || key.onDelete === 'no action' ? '' : ` on delete ${key.onDelete}`;
      return `${name} (${list(from)}) -> ${getTableName(foreignTable)} (${list(foreignColumns)})${action}`;
    }),
    ...columns.flatMap((column) =>
      column.enumValues === undefined ? [] : [`${name}.${column.name} in (${column.enumValues.toSorted().join(', ')})`],
    ),
  ];
}

function typeOf(column: PgColumn): string {
  return `${column.getSQLType()}${column.notNull ? ' not null' : ''}${column.generatedIdentity === undefined ? '' : ' identity'}`;
}

function list(columns: readonly { name: string }[]): string {
  return columns.map(({ name }) => name).join(', ');
}

function readLines(db: Db): Promise<{ line: string }[]> {
  return db<{ line: string }[]>`
    with ours as (
      select oid, relname from pg_class
      where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and not relispartition
        and relname <> all(${kitTables}::text[])
    ), keys as (
      select ours.relname, con.*,
        (select string_agg(a.attname, ', ' order by k.place) from unnest(con.conkey) with ordinality as k (num, place)
          join pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.num) as columns,
        (select string_agg(a.attname, ', ' order by k.place) from unnest(con.confkey) with ordinality as k (num, place)
          join pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.num) as foreign_columns
      from ours join pg_constraint con on con.conrelid = ours.oid
    )
    select relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
      || case when attnotnull then ' not null' else '' end || case when attidentity <> '' then ' identity' else '' end as line
    from ours join pg_attribute on attrelid = ours.oid where attnum > 0 and not attisdropped
    union all
    select relname || ' key (' || columns || ')' from keys where contype = 'p'
    union all
    select relname || ' (' || columns || ') -> ' || confrelid::regclass || ' (' || foreign_columns || ')'
      || case confdeltype when 'c' then ' on delete cascade' when 'n' then ' on delete set null'
           when 'r' then ' on delete restrict' else '' end
    from keys where contype = 'f'
    union all
    select relname || '.' || columns || ' in (' || (
        select string_agg(found[1], ', ' order by found[1] collate "C")
        from regexp_matches(pg_get_constraintdef(keys.oid), '''([^'']*)''::text', 'g') as found) || ')'
    from keys where contype = 'c' and cardinality(conkey) = 1 and pg_get_constraintdef(keys.oid) like 'CHECK ((% = ANY (ARRAY[%'`;
}
