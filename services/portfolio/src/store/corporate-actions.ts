import type { Db, Tx } from '@andvari/kit/db/types';
import { toPrice } from '@andvari/money';
import type { Currency } from '../domain/asset.ts';
import type { CorporateAction, Split } from '../domain/corporate-action.ts';

/**
 * Whoever writes down an action on the symbol waits for those who are changing holdings by an earlier one, and they for it: what an account
 * held when the word came is read whole, in old shares or in new ones, and is counted anew where it was in old ones.
 */
export async function lockSymbol(tx: Tx, symbol: string, use: 'to note' | 'to split'): Promise<void> {
  const name = `corporate actions of ${symbol}`;
  if (use === 'to note') await tx`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
  else await tx`select pg_advisory_xact_lock_shared(hashtextextended(${name}, 0))`;
}

/** False when it was there before. */
export async function insertAction(tx: Tx, action: CorporateAction, digest: string): Promise<boolean> {
  const split = action.type === 'split' ? action : undefined;
  const dividend = action.type === 'cash_dividend' ? action : undefined;
  const inserted = await tx`
    insert into corporate_actions (id, symbol, type, ratio_to, ratio_from, per_share, currency, reference_price, applied_at, digest,
      effective_at_us)
    values (${action.id}, ${action.symbol}, ${action.type}, ${split?.to ?? null}, ${split?.from ?? null},
      ${dividend?.perShare ?? null}, ${dividend?.currency ?? null}, ${split?.referencePrice ?? 0n},
      to_timestamp(${action.at}::float8 / 1e6), ${digest}, ${split?.effectiveAtUs ?? action.at})
    on conflict do nothing`;
  return inserted.count === 1;
}

export async function findActionDigest(tx: Tx, id: string): Promise<string | undefined> {
  const [row] = await tx<{ digest: string }[]>`select digest from corporate_actions where id = ${id}`;
  return row?.digest;
}

/** Who holds the symbol now, and for a split also who may yet come to, by an order that rests, and the house, which may owe some. */
export async function noteHolders(tx: Tx, { id, symbol, type }: CorporateAction): Promise<void> {
  await tx`
    insert into corporate_action_accounts (action_id, account_id, qty)
    select ${id}, held.account_id, max(held.qty) from (
      select account_id, posted as qty from ledger_accounts where asset = ${symbol} and kind = 'position' and posted > 0
      union all
      select account_id, 0 from reservations
      where ${type} = 'split' and symbol = ${symbol} and purpose = 'order' and state = 'open'
      union all
      select id, 0 from accounts where ${type} = 'split' and kind = 'house'
    ) held
    group by held.account_id`;
}

export type PendingAction = { readonly action: CorporateAction; readonly accountId: string; readonly qty: bigint };

/**
 * What is still to be done, an account’s earlier actions before its later ones; a split waits for the orders from before it, and the house's for
 * everybody's, and until both legs of every trade in old shares are in.
 */
export async function pendingActions(db: Db, limit: number): Promise<PendingAction[]> {
  const rows = await db<ActionRow[]>`
    select action.id, action.symbol, action.type, action.ratio_to, action.ratio_from, action.per_share, action.currency,
      action.reference_price, action.effective_at_us, (extract(epoch from action.applied_at) * 1000000)::bigint as at_us, due.account_id, due.qty
    from corporate_action_accounts due
    join corporate_actions action on action.id = due.action_id
    where due.done_at is null
      and not exists (
        select 1 from corporate_action_accounts other join corporate_actions earlier on earlier.id = other.action_id
        where other.account_id = due.account_id and other.done_at is null and earlier.symbol = action.symbol
          and earlier.sequence < action.sequence)
      and (action.type <> 'split' or not exists (${openOrders(db)}))
      and (not ${isOfHouse(db)} or ${isSettled(db)})
    order by action.sequence, due.account_id limit ${limit}`;
  return rows.map(pendingFrom);
}

/** Under the lock of its row and of the ledger: whether it is still to be done, and may be. */
export async function lockPending(tx: Tx, { action, accountId }: PendingAction): Promise<boolean> {
  const rows = await tx`
    select 1 from corporate_action_accounts due join corporate_actions action on action.id = due.action_id
    where due.action_id = ${action.id} and due.account_id = ${accountId} and due.done_at is null
      and (action.type <> 'split' or not exists (${openOrders(tx)}))
      and (not ${isOfHouse(tx)} or ${isSettled(tx)})
    for update of due`;
  return rows.length === 1;
}

export async function markDone(tx: Tx, actionId: string, accountId: string): Promise<void> {
  await tx`
    update corporate_action_accounts set done_at = now() where action_id = ${actionId} and account_id = ${accountId}`;
}

/** Clients' accounts that it reached. */
export async function countHolders(tx: Tx, actionId: string): Promise<number> {
  const [row] = await tx<{ all: number }[]>`
    select count(*)::int as all from corporate_action_accounts due where action_id = ${actionId} and not ${isOfHouse(tx)}`;
  return row?.all ?? 0;
}

/**
 * Actions that everybody has been dealt with for and nobody was told so. A split also waits for new prices, and for every order for its symbol:
 * one that was judged by an old price and comes to the engine later than trading goes on would be taken for one in new shares.
 */
export async function lockFinished(tx: Tx, effectiveByUs: bigint): Promise<{ id: string; symbol: string }[]> {
  return tx<{ id: string; symbol: string }[]>`
    select action.id, action.symbol from corporate_actions action
    where action.told_at is null
      and not exists (select 1 from corporate_action_accounts due where due.action_id = action.id and due.done_at is null)
      and (action.type <> 'split' or (action.effective_at_us <= ${effectiveByUs} and not exists (
        select 1 from reservations held
        where held.symbol = action.symbol and held.state = 'open' and held.purpose = 'order')))
    order by action.sequence for update of action skip locked`;
}

/** Before anybody begins a transaction about it. */
export async function isAnyUntold(db: Db): Promise<boolean> {
  const rows = await db`select 1 from corporate_actions where told_at is null limit 1`;
  return rows.length > 0;
}

export async function markTold(tx: Tx, id: string): Promise<void> {
  await tx`update corporate_actions set told_at = now() where id = ${id}`;
}

/** Whether there may be prices in old shares beside holdings in new ones, or the other way round. */
export async function isAnySplitUnderWay(db: Db): Promise<boolean> {
  const rows = await db`select 1 from corporate_actions where told_at is null and type = 'split' limit 1`;
  return rows.length > 0;
}

/** What was noted of the account for later actions on the symbol was counted in old shares. */
export async function recountLater(
  tx: Tx,
  accountId: string,
  { id, symbol, to, from }: CorporateAction & Split,
): Promise<void> {
  await tx`
    update corporate_action_accounts due set qty = div(due.qty::numeric * ${to}::bigint, ${from}::bigint)::bigint
    from corporate_actions action
    where action.id = due.action_id and due.account_id = ${accountId} and due.done_at is null and action.symbol = ${symbol}
      and action.sequence > (select sequence from corporate_actions where id = ${id})`;
}

/** Symbols with a split that some account has still to go through. */
export async function splittingSymbols(db: Db): Promise<Set<string>> {
  const rows = await db<{ symbol: string }[]>`
    select distinct action.symbol from corporate_action_accounts due join corporate_actions action on action.id = due.action_id
    where due.done_at is null and action.type = 'split'`;
  return new Set(rows.map(({ symbol }) => symbol));
}

export async function isSplitPending(db: Db, accountId: string, symbol: string): Promise<boolean> {
  const rows = await db`
    select 1 from corporate_action_accounts due join corporate_actions action on action.id = due.action_id
    where due.account_id = ${accountId} and due.done_at is null and action.symbol = ${symbol} and action.type = 'split'
    limit 1`;
  return rows.length > 0;
}

export async function findLot(tx: Tx, symbol: string): Promise<bigint> {
  const [row] = await tx<{ lot: bigint }[]>`select lot from instruments where symbol = ${symbol}`;
  return row?.lot ?? 1n;
}

function openOrders(db: Db | Tx) {
  return db`
    select 1 from reservations held
    join ledger_accounts ledger on ledger.id = held.ledger_account_id
    where ledger.account_id = due.account_id and held.state = 'open' and held.purpose = 'order' and held.symbol = action.symbol`;
}

function isOfHouse(db: Db | Tx) {
  return db`exists (select 1 from accounts owner where owner.id = due.account_id and owner.kind = 'house')`;
}

/** No client waits and no order is open, whoever's; and nothing of the symbol stands in clearing, between the two legs of a trade. */
function isSettled(db: Db | Tx) {
  return db`(
    not exists (select 1 from corporate_action_accounts other where other.action_id = action.id and other.done_at is null
      and other.account_id <> due.account_id)
    and not exists (select 1 from reservations held
      where held.symbol = action.symbol and held.state = 'open' and held.purpose = 'order')
    and 0 = (select coalesce(sum(posted), 0) from ledger_accounts
      where asset = action.symbol and kind = 'clearing' and account_id between ${FIRST_CLEARING} and ${LAST_CLEARING}))`;
}

/** The system's accounts have fixed ids, so they are found by the index on them. */
const [FIRST_CLEARING, LAST_CLEARING] = [
  '00000000-0000-0000-0001-000000000000',
  '00000000-0000-0000-0001-ffffffffffff',
];

type ActionRow = {
  id: string;
  symbol: string;
  type: CorporateAction['type'];
  ratio_to: bigint | null;
  ratio_from: bigint | null;
  per_share: bigint | null;
  currency: Currency | null;
  reference_price: bigint;
  effective_at_us: bigint;
  at_us: bigint;
  account_id: string;
  qty: bigint;
};

function pendingFrom(row: ActionRow): PendingAction {
  const { id, symbol, at_us: at, account_id: accountId, qty } = row;
  const action: CorporateAction =
    row.type === 'split'
      ? {
          id,
          symbol,
          at,
          type: 'split',
          to: row.ratio_to ?? 1n,
          from: row.ratio_from ?? 1n,
          referencePrice: row.reference_price,
          effectiveAtUs: row.effective_at_us,
        }
      : {
          id,
          symbol,
          at,
          type: 'cash_dividend',
          perShare: toPrice(row.per_share ?? 0n),
          currency: row.currency ?? 'USD',
        };
  return { action, accountId, qty };
}
