import { fillInBulk } from '@andvari/bench/bulk-fill';
import type { Db } from '@andvari/kit/db/types';

const SYMBOLS = 30;
/** Two purchases and a sale of the first of each symbol. */
const LEGS_EACH = 3 * SYMBOLS;
const LEGS_TOGETHER = 128;
const HOUSE = '00000000-0000-7000-8000-00000000ac01';

/**
 * A ledger of so many entries, as if it had been settled: every client buys each symbol twice and sells once, at the house's price. It is written
 * table by table and verifies clean; settling as much takes an hour.
 */
export async function fillLedger(db: Db, entries: number): Promise<void> {
  const clients = Math.ceil(entries / (2 * LEGS_EACH + 2));
  await fillInBulk(db, TABLES, statements(clients));
}

/** Also as a test would have it. */
export function clientOf(number: number): string {
  return `01900000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

const TABLES = [
  'accounts',
  'account_flows',
  'ledger_accounts',
  'journals',
  'entries',
  'executions',
  'reservations',
  'activities',
  'lots',
  'lot_closings',
  'positions',
];

/** The id of a client, as SQL. */
const idOf = (number: string): string => `('01900000-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
const CASH = 1_000_000_000_000n;
/** Of the ledger accounts; a client's cash comes before its symbols. */
const ledgerOf = (client: string, symbol: string): string =>
  `(1000 + (${client})::bigint * ${SYMBOLS + 1} + ${symbol})`;

function statements(clients: number): string[] {
  return [
    // What each of a client's legs is, in their order; all clients do the same.
    `create temp table plan on commit drop as
      select *, sum(cash) over (order by turn) as cash_after from (
        select (step - 1) * ${SYMBOLS} + symbol as turn, step, symbol, 'S' || symbol as asset,
            case step when 3 then -10000000 else 10000000 end::bigint as shares,
            price, case step when 3 then price * 10 else -price * 10 end::bigint as cash
          from generate_series(1, 3) step, generate_series(1, ${SYMBOLS}) symbol,
            lateral (select ((9 + step + symbol % 7) * 1000000)::bigint as price) priced
      ) each`,
    `create temp table legs on commit drop as
      select (turn - 1) * ${clients}::bigint + client as leg, client, turn, ((turn - 1) * ${clients}::bigint + client) / ${LEGS_TOGETHER} as batch,
          gen_random_uuid() as order_id, gen_random_uuid() as house_order
        from plan, generate_series(1, ${clients}) client order by turn, client`,
    `create temp table batches on commit drop as select batch, gen_random_uuid() as id, now() - interval '30 days' + batch * interval '1 second' as at
      from (select distinct batch from legs) each order by batch`,
    `create unique index on batches (batch)`,
    `analyze legs`,
    `analyze batches`,
    `analyze plan`,
    `insert into accounts (id, user_id, number, kind, currency, name)
      select ${idOf('client')}, ${idOf('client')}, client::text, 'investment', 'USD', 'Bench' from generate_series(1, ${clients}) client`,
    `insert into accounts (id, user_id, number, kind, currency, name) values ('${HOUSE}', gen_random_uuid(), 'house', 'house', 'USD', 'House')`,
    `insert into account_owners (account_id, user_id) select id, user_id from accounts`,
    `insert into account_flows (account_id, brought) select id, ${CASH} from accounts where kind <> 'house'`,
    `insert into ledger_accounts (id, account_id, kind, asset, posted, version) overriding system value
      select ${ledgerOf('client', '0')}, ${idOf('client')}, 'cash', 'USD', ${CASH} + (select sum(cash) from plan), ${LEGS_EACH + 1} from generate_series(1, ${clients}) client
      union all
      select ${ledgerOf('client', 'symbol')}, ${idOf('client')}, 'position', 'S' || symbol, 10000000, 3
        from generate_series(1, ${clients}) client, generate_series(1, ${SYMBOLS}) symbol`,
    `insert into fundings (id, account_id, user_id, type, currency, amount, state, requested_at, updated_at)
      select gen_random_uuid(), id, user_id, 'deposit', 'USD', ${CASH}, 'settled', now(), now() from accounts where kind <> 'house'`,
    `create temp table deposits on commit drop as
      select id, account_id, gen_random_uuid() as journal, row_number() over (order by account_id) as client from fundings`,
    `insert into journals (id, kind, reference, occurred_at, posted_at)
      select journal, 'deposit', id::text, now() - interval '60 days', now() - interval '60 days' from deposits
      union all
      select id, 'fill', 'batch/' || id, at, at from batches`,
    // Across from the clients: the bank for what they brought, the house for what they trade.
    `insert into ledger_accounts (id, account_id, kind, asset, posted, version, may_go_negative) overriding system value
      select 1, '00000000-0000-0000-0003-000000000000', 'bank', 'USD', -${CASH} * ${clients}, ${clients}, true`,
    `insert into ledger_accounts (id, account_id, kind, asset, posted, version, may_go_negative) overriding system value
      select 2 + symbol, '${HOUSE}', 'house', case symbol when 0 then 'USD' else 'S' || symbol end, 0, 0, true from generate_series(0, ${SYMBOLS}) symbol`,
    `insert into entries (journal_id, ledger_account_id, amount, balance_after, version, reference)
      select journal, ${ledgerOf('client', '0')}, ${CASH}, ${CASH}, 1, null from deposits
      union all
      select journal, 1, -${CASH}, -${CASH} * client, client, null from deposits`,
    `insert into entries (journal_id, ledger_account_id, amount, balance_after, version, reference)
      select batches.id, side.ledger, side.amount, side.balance, side.version, '0-bench-' || leg || '-0'
        from legs join plan using (turn) join batches using (batch)
        cross join lateral (values
          (${ledgerOf('client', '0')}, plan.cash, ${CASH} + plan.cash_after, turn + 1),
          (${ledgerOf('client', 'symbol')}, plan.shares, case step when 2 then 20000000 else 10000000 end, step)
        ) as side (ledger, amount, balance, version)`,
    `insert into entries (journal_id, ledger_account_id, amount, balance_after, version)
      select batches.id, 2 + summed.symbol, -summed.amount, -sum(summed.amount) over chain, row_number() over chain
        from (
          select batch, side.symbol, sum(side.amount)::bigint as amount from legs join plan using (turn)
            cross join lateral (values (0, plan.cash), (plan.symbol, plan.shares)) as side (symbol, amount)
            group by batch, side.symbol
        ) summed join batches using (batch)
        where summed.amount <> 0
        window chain as (partition by summed.symbol order by batch)`,
    `select setval(pg_get_serial_sequence('ledger_accounts', 'id'), (select max(id) from ledger_accounts))`,
    `update ledger_accounts account set posted = last.balance_after, version = last.version
      from (select distinct on (ledger_account_id) * from entries where ledger_account_id between 2 and ${SYMBOLS + 2}
        order by ledger_account_id, version desc) last
      where account.id = last.ledger_account_id`,
    `insert into executions (exec_id, trade_id, account_id, order_id, symbol, qty, amount, occurred_at, digest, journal_id)
      select '0-bench-' || leg || '-' || side.row, '0-bench-' || leg || '-t0', side.account, side.order_id, plan.asset, side.sign * plan.shares,
          side.sign * plan.cash, batches.at, 'bench', batches.id
        from legs join plan using (turn) join batches using (batch)
        cross join lateral (values (0, 1, ${idOf('client')}, order_id), (1, -1, '${HOUSE}'::uuid, house_order)) as side (row, sign, account, order_id)`,
    `insert into reservations (id, purpose, ledger_account_id, account_id, side, symbol, state, qty, filled, principal, remaining, traded, closed_at)
      select order_id, 'order', case step when 3 then ${ledgerOf('client', 'symbol')} else ${ledgerOf('client', '0')} end, ${idOf('client')},
          case step when 3 then 'sell' else 'buy' end, asset, 'closed', 10000000, 10000000, case step when 3 then 10000000 else -cash end, 0, abs(cash), now()
        from legs join plan using (turn)`,
    `insert into activities (account_id, occurred_at, id, type, symbol, qty, price, amount, currency, journal_id, reference, order_id, realised)
      select ${idOf('client')}, batches.at, gen_random_uuid(), case step when 3 then 'sell' else 'buy' end, asset, 10000000, price, cash, 'USD', batches.id,
          '0-bench-' || leg || '-0', order_id, case step when 3 then 20000000 else 0 end
        from legs join plan using (turn) join batches using (batch)
      union all
      select account_id, now() - interval '60 days', gen_random_uuid(), 'deposit', null, null, null, ${CASH}, 'USD', journal, id::text, null, 0 from deposits`,
    `insert into lots (account_id, id, symbol, opened_at, closed_at, qty, cost, remaining, proceeds)
      select ${idOf('client')}, '0-bench-' || leg || '-0', asset, batches.at, case step when 1 then batches.at end, 10000000, -cash,
          case step when 1 then 0 else 10000000 end, case step when 1 then -cash + 20000000 else 0 end
        from legs join plan using (turn) join batches using (batch) where step < 3 order by leg`,
    `insert into lot_closings (account_id, lot_id, exec_id, qty, cost, proceeds, closed_at)
      select ${idOf('client')}, '0-bench-' || leg - 2 * ${SYMBOLS} * ${clients}::bigint || '-0', '0-bench-' || leg || '-0', 10000000, cash - 20000000, cash, batches.at
        from legs join plan using (turn) join batches using (batch) where step = 3`,
    `insert into positions (account_id, symbol, qty, cost, average_cost, bought, sold, opened_at, updated_at)
      select ${idOf('client')}, asset, 10000000, price * 10, price * 10 - 5000000, price * 20 - 10000000, price * 10 + 10000000, now(), now()
        from plan, generate_series(1, ${clients}) client where step = 2`,
  ];
}
