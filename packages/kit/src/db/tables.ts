import { getColumns, type InferInsertModel, is, Param, Placeholder, SQL, sql } from 'drizzle-orm';
import { bigint, customType, PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { dateFromUs, usFromDate } from '../base/clock.ts';
import { type Literal, literalArray, literalsOf } from './pg-array.ts';
import { type Queries, queriesOf, type Statement } from './tables-session.ts';
import type { Db, Tx } from './types.ts';

export type { Queries };

/** Drizzle's query builder over the tables of a `store/schema.ts`, on a pool or inside a transaction of ours. */
export function on(db: Db | Tx): Queries {
  const known = queries.get(db);
  if (known !== undefined) return known;
  const made = queriesOf(db);
  queries.set(db, made);
  return made;
}
const queries = new WeakMap<object, Queries>();

/**
 * A prepared query that is built once and runs on any pool or transaction, for whatever has one shape and is asked often.
 * `like` names its values by what they are like: a column for one value, `[column]` for a list, a table for rows.
 */
export function statement<Likes extends Record<string, Like>, T>(
  like: Likes,
  build: (queries: Queries, values: ValuesOf<Likes>) => { prepare(): { execute(): Promise<T> } },
): (db: Db | Tx, values: ValuesOf<Likes>) => Promise<T> {
  let made: Statement<T> | undefined;
  return (db, values) => {
    made ??= build(queriesOf(undefined), slotsOf(like)).prepare() as Statement<T>;
    return made.run(db, values);
  };
}

export type Like = PgColumn | readonly [PgColumn] | PgTable;
export type ValuesOf<Likes extends Record<string, Like>> = { readonly [Name in keyof Likes]: ValueOf<Likes[Name]> };
type ValueOf<L extends Like> = L extends PgColumn
  ? L['_']['data'] | (L['_']['notNull'] extends true ? never : null)
  : L extends readonly [infer C extends PgColumn]
    ? readonly C['_']['data'][]
    : L extends PgTable
      ? readonly InferInsertModel<L>[]
      : never;

/** Microseconds since the epoch; what is read ends with the milliseconds, as `usFromDate` does. */
export const timeUs = customType<{ data: bigint; driverData: Date }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: usFromDate,
  toDriver: dateFromUs,
});
/** To the last digit, where the database itself or a neighbour sets the time. */
export function microsecondsOf<C extends PgColumn>(column: C): SQL<bigint | NullOf<C>> {
  return sql`(extract(epoch from ${column}) * 1000000)::bigint`;
}
type NullOf<C extends PgColumn> = C['_']['notNull'] extends true ? never : null;

export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });
export const texts = customType<{ data: readonly string[]; driverData: string | string[] }>({
  dataType: () => 'text[]',
  fromDriver: (list) => list as string[],
  toDriver: literalArray,
});
export const int64 = () => bigint({ mode: 'bigint' });

/** One of many, as one parameter: the statement stays the same whatever their number, which `inArray` does not. */
export function isAny<C extends PgColumn>(column: C, values: readonly C['_']['data'][]): SQL {
  return sql`${column} = any(${is(values, SQL) ? values : listOf(column, values)})`;
}

/**
 * Rows as one list a column, for `insert(table).select(…)`; named `new`, so that what follows may join and choose. Every
 * column is given but those that the database numbers itself. Not for lists in a column: unnest would flatten them.
 * A function, because `select()` of 1.0.0-rc.5 types what it makes of a bare `sql` as something that cannot be prepared.
 */
export function unnested<T extends PgTable>(
  table: T,
  rows: readonly InferInsertModel<T>[],
  following: SQL = sql``,
): () => SQL {
  return () => sql`${is(rows, SQL) ? rows : rowsOf(table, rows)} ${following}`;
}

function rowsOf(table: PgTable, rows: Placeholder | readonly unknown[]): SQL {
  const columns = Object.entries(getColumns(table)).filter(([, column]) => column.generatedIdentity?.type !== 'always');
  const lists = columns.map(([name, column]) => listOf(column, rows, (row) => (row as Record<string, unknown>)[name]));
  const names = columns.map(([, column]) => sql.identifier(column.name));
  return sql`select new.* from unnest(${sql.join(lists, sql`, `)}) as new (${sql.join(names, sql`, `)})`;
}

function listOf(column: PgColumn, given: Placeholder | readonly unknown[], pick = (value: unknown) => value): SQL {
  const type = column.getSQLType();
  if (type.endsWith('[]')) throw new Error(`${column.name} holds lists, and a list of lists loses their ends`);
  const encode = encoderOf(column);
  const mapToDriverValue = (list: readonly unknown[]) => literalsOf(list, (value) => encode(pick(value)));
  return sql`${new Param(given, { mapToDriverValue })}::${sql.raw(type)}[]`;
}

/** Nothing is null, and no column encodes it. */
function encoderOf(column: PgColumn): (value: unknown) => Literal {
  return (value) => (value === null || value === undefined ? null : (column.mapToDriverValue(value) as Literal));
}

/** A slot looks to drizzle like an expression, whose value comes later and through the column's own encoding. */
function slotsOf<Likes extends Record<string, Like>>(likes: Likes): ValuesOf<Likes> {
  const slots = Object.entries(likes).map(([name, like]) => [name, slotOf(new Placeholder(name), like)]);
  return Object.fromEntries(slots) as ValuesOf<Likes>;
}

function slotOf(value: Placeholder, like: Like): SQL {
  if (is(like, PgTable)) return rowsOf(like, value);
  if (is(like, PgColumn)) return sql`${new Param(value, { mapToDriverValue: encoderOf(like) })}`;
  const [column] = like as readonly [PgColumn];
  return listOf(column, value);
}
