import type { Db, Tx } from '@andvari/kit/db/types';
import { checks } from './verification-checks.ts';
import { bookChecks, serviceChecks } from './verification-checks-books.ts';
import { groupChecks } from './verification-checks-groups.ts';
import { orderChecks } from './verification-checks-orders.ts';
import { recordChecks } from './verification-checks-records.ts';

/** A difference between what is stored and what it is made of. There should be none, ever. */
export type Finding = {
  /** `balance_differs_from_entries` */
  readonly check: string;
  /** What it concerns: `ledger_account/12`. */
  readonly entity: string;
  readonly asset: string;
  readonly expected: bigint;
  readonly actual: bigint;
};

export type Checked = {
  readonly journals: bigint;
  readonly entries: bigint;
  readonly ledgerAccounts: bigint;
  readonly reservations: bigint;
  readonly positions: bigint;
};

/** The checks that there is something for: where nothing is told, nothing is said about it. */
export async function checksFor(db: Db | Tx): Promise<string[]> {
  const [{ hasOutbox }] = await db<[{ hasOutbox: boolean }]>`select to_regclass('outbox') is not null as "hasOutbox"`;
  return [
    ...checks,
    ...bookChecks,
    ...orderChecks,
    ...groupChecks,
    ...recordChecks,
    ...(hasOutbox ? serviceChecks : []),
  ];
}

/** What one check finds, as the database comes upon it. */
export async function* findingsOf(db: Db | Tx, check: string): AsyncGenerator<Finding> {
  const rows = db.unsafe<FindingRow[]>(`
    select "check", entity, coalesce(asset::text, '') as asset,
      coalesce(expected::numeric, 0)::text as expected, coalesce(actual::numeric, 0)::text as actual
    from (${check}) as found ("check", entity, asset, expected, actual)`);
  for await (const chunk of rows.cursor(500)) {
    for (const row of chunk) yield { ...row, expected: BigInt(row.expected), actual: BigInt(row.actual) };
  }
}

/** Every finding of every check. */
export async function* findings(db: Db | Tx): AsyncGenerator<Finding> {
  for (const check of await checksFor(db)) yield* findingsOf(db, check);
}

export async function countChecked(db: Db | Tx): Promise<Checked> {
  const [counts] = await db<[Checked]>`
    select (select count(*) from journals) as journals, (select count(*) from entries) as entries,
      (select count(*) from ledger_accounts) as "ledgerAccounts", (select count(*) from reservations) as reservations,
      (select count(*) from positions) as positions`;
  return counts;
}

type FindingRow = { check: string; entity: string; asset: string; expected: string; actual: string };
