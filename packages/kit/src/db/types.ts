import type postgres from 'postgres';

/**
 * 64-bit integers are bigint in both directions: no amount passes through a float. A list of bigint, Date or bytes is
 * given as `db.array(list)`; bare, postgres.js takes such a list for its first element.
 */
type Types = { bigint: bigint };

/** A pool of connections. */
export type Db = postgres.Sql<Types>;

/** What a statement is before anybody waits for its answer. */
export type Statement = postgres.PendingQuery<postgres.Row[]>;

/** One transaction on one of its connections. */
export type Tx = postgres.TransactionSql<Types>;
