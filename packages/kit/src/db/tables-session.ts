import { fillPlaceholders, type Query } from 'drizzle-orm';
import {
  PgAsyncDatabase,
  PgAsyncPreparedQuery,
  PgAsyncSession,
  PgDialect,
  type PgQueryResultHKT,
  type PreparedQueryConfig,
} from 'drizzle-orm/pg-core';
import type { Row, RowList } from 'postgres';
import type { Db, Tx } from './types.ts';

/** Drizzle's builder, with what we send its queries through; without a pool it only builds. */
export type Queries = PgAsyncDatabase<Result>;

export function queriesOf(db: Db | Tx | undefined): Queries {
  return new PgAsyncDatabase(dialect, new Session(db), {});
}

/** It is given no codecs: the pool of ours reads and writes integers, dates and bytes as the columns expect them. */
const dialect = new PgDialect();

interface Result extends PgQueryResultHKT {
  type: RowList<Extract<this['row'], Row>[]>;
}

type Mapper = (rows: unknown[]) => unknown;

/** Only what is prepared is sent in one round trip, so everything is. Errors stay the driver's: they carry no values. */
export class Statement<T> extends PgAsyncPreparedQuery<PreparedQueryConfig & { execute: T }> {
  readonly #db: Db | Tx | undefined;
  readonly #map: Mapper | undefined;

  constructor(db: Db | Tx | undefined, query: Query, mode: Mode, map: Mapper | undefined) {
    super(neverAsked, query, map, mode, noLogger, undefined, undefined, undefined, false);
    this.#db = db;
    this.#map = map;
  }

  override execute(values: Record<string, unknown> = {}): Promise<T> {
    if (this.#db === undefined) throw new Error('a statement runs on a pool or a transaction');
    return this.run(this.#db, values);
  }

  async run(db: Db | Tx, values: Record<string, unknown>): Promise<T> {
    const { sql, params } = this.query;
    const asked = db.unsafe(sql, fillPlaceholders(params, values) as never[], { prepare: true });
    return (this.#map === undefined ? await asked : this.#map(await asked.values())) as T;
  }
}

type Mode = PgAsyncPreparedQuery<PreparedQueryConfig>['mode'];
const noLogger = { logQuery: () => undefined };
const neverAsked = () => Promise.reject(new Error('statements send themselves'));

class Session extends PgAsyncSession<Result> {
  readonly #db: Db | Tx | undefined;
  constructor(db: Db | Tx | undefined) {
    super(dialect);
    this.#db = db;
  }
  override prepareQuery<T extends PreparedQueryConfig>(
    query: Query,
    mode: Mode,
    _name: string | boolean,
    map?: Mapper,
  ) {
    return new Statement<T['execute']>(this.#db, query, mode, map) as PgAsyncPreparedQuery<T>;
  }
  override transaction(): never {
    throw new Error('transactions are begun by transaction() of db.ts');
  }
}
