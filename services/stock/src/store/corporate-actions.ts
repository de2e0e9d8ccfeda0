import type { Db, Tx } from '@andvari/kit/db/types';
import type { CorporateAction } from '../domain/corporate-action.ts';

export async function allActions(db: Db): Promise<CorporateAction[]> {
  const rows = await db<Row[]>`select ${columns(db)} from corporate_actions order by applied_at_us, id`;
  return rows.map(fromRow);
}

export async function recentActions(db: Db, sinceUs: bigint): Promise<CorporateAction[]> {
  const rows = await db<Row[]>`
    select ${columns(db)} from corporate_actions where applied_at_us >= ${sinceUs} order by applied_at_us, id`;
  return rows.map(fromRow);
}

export async function findAction(db: Db | Tx, id: string): Promise<CorporateAction | undefined> {
  const [row] = await db<Row[]>`select ${columns(db)} from corporate_actions where id = ${id}`;
  return row === undefined ? undefined : fromRow(row);
}

/** Newest first. */
export async function listActions(
  db: Db,
  symbol: string,
  page: { first: number; after: { atUs: bigint; id: string } | undefined },
): Promise<CorporateAction[]> {
  const { atUs, id } = page.after ?? { atUs: 9_223_372_036_854_775_807n, id: MAX_UUID };
  const rows = await db<Row[]>`
    select ${columns(db)} from corporate_actions
    where (${symbol} = '' or symbol = ${symbol}) and (applied_at_us, id) < (${atUs}, ${id}::uuid)
    order by applied_at_us desc, id desc limit ${page.first + 1}`;
  return rows.map(fromRow);
}

const MAX_UUID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export async function insertAction(tx: Tx, action: CorporateAction, appliedBy: string): Promise<void> {
  const { terms, referencePx, exDate, appliedAtUs, effectiveAtUs } = action;
  const row = {
    id: action.id,
    symbol: action.symbol,
    type: terms.type,
    ratio_to: terms.type === 'split' ? terms.to : 0n,
    ratio_from: terms.type === 'split' ? terms.from : 0n,
    amount: terms.type === 'split' ? 0n : terms.amount,
    currency: terms.type === 'split' ? '' : terms.currency,
    ex_date: exDate,
    reference_px: referencePx,
    applied_at_us: appliedAtUs,
    effective_at_us: effectiveAtUs,
    resumed: false,
    applied_by: appliedBy,
  };
  await tx`insert into corporate_actions ${tx(row)}`;
}

export async function markPosted(tx: Tx, id: string): Promise<void> {
  await tx`update corporate_actions set posted = true where id = ${id}`;
}

export async function anyResumable(db: Db, effectiveUpToUs: bigint): Promise<boolean> {
  const rows = await db`
    select 1 from corporate_actions where not resumed and posted and effective_at_us <= ${effectiveUpToUs} limit 1`;
  return rows.length > 0;
}

/** One that the ledger has, whose new prices are in force, and whose symbol still waits. */
export async function lockResumable(
  tx: Tx,
  effectiveUpToUs: bigint,
): Promise<{ id: string; symbol: string } | undefined> {
  const [row] = await tx<{ id: string; symbol: string }[]>`
    select id, symbol from corporate_actions
    where not resumed and posted and effective_at_us <= ${effectiveUpToUs}
    order by applied_at_us limit 1 for update skip locked`;
  return row;
}

export async function markResumed(tx: Tx, id: string): Promise<void> {
  await tx`update corporate_actions set resumed = true where id = ${id}`;
}

export async function hasUnfinished(tx: Tx, symbol: string): Promise<boolean> {
  const rows = await tx`select 1 from corporate_actions where symbol = ${symbol} and not resumed limit 1`;
  return rows.length > 0;
}

interface Row {
  id: string;
  symbol: string;
  type: 'split' | 'cash_dividend';
  ratio_to: bigint;
  ratio_from: bigint;
  amount: bigint;
  currency: string;
  ex_date: string;
  reference_px: bigint;
  applied_at_us: bigint;
  effective_at_us: bigint;
}

function columns(db: Db | Tx) {
  return db([
    'id',
    'symbol',
    'type',
    'ratio_to',
    'ratio_from',
    'amount',
    'currency',
    'ex_date',
    'reference_px',
    'applied_at_us',
    'effective_at_us',
  ]);
}

function fromRow(row: Row): CorporateAction {
  return {
    id: row.id,
    symbol: row.symbol,
    terms:
      row.type === 'split'
        ? { type: 'split', to: row.ratio_to, from: row.ratio_from }
        : { type: 'cash_dividend', amount: row.amount, currency: row.currency },
    exDate: row.ex_date,
    referencePx: row.reference_px,
    appliedAtUs: row.applied_at_us,
    effectiveAtUs: row.effective_at_us,
  };
}
