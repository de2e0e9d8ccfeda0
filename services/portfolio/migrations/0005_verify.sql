-- What is stored, against what it is made of: every row of findings is a difference, and there should be none, ever. It may be read
-- beside traffic in one snapshot, for every writer keeps all of it true in one transaction.

-- Half-even, like @andvari/money.
create function half_even(dividend numeric, divisor numeric) returns numeric language sql immutable as $$
  select case
    when 2 * (dividend - floor(dividend / divisor) * divisor) = divisor
      then 2 * floor((floor(dividend / divisor) + 1) / 2)
    else round(dividend / divisor)
  end
$$;

create view findings as
  -- Nothing appears or disappears.
  select 'asset_does_not_sum_to_zero' as check, 'asset/' || asset as entity, asset, 0::numeric as expected, sum(posted) as actual
    from ledger_accounts group by asset having sum(posted) <> 0
  union all
  select 'ledger_account_of_nobody', 'ledger_account/' || ledger.id, ledger.asset, null, ledger.posted
    from ledger_accounts ledger
    where ledger.kind in ('cash', 'position') and not exists (select 1 from accounts account where account.id = ledger.account_id)
  union all
  select 'journal_does_not_balance', 'journal/' || entry.journal_id, account.asset, 0, sum(entry.amount)
    from entries entry join ledger_accounts account on account.id = entry.ledger_account_id
    group by entry.journal_id, account.asset having sum(entry.amount) <> 0
  union all
  select 'journal_has_no_entries', 'journal/' || journal.id, null, null, 0
    from journals journal where not exists (select 1 from entries entry where entry.journal_id = journal.id)
  union all
  select 'balance_differs_from_entries', 'ledger_account/' || account.id, account.asset, coalesce(sum(entry.amount), 0), account.posted
    from ledger_accounts account left join entries entry on entry.ledger_account_id = account.id
    group by account.id having account.posted <> coalesce(sum(entry.amount), 0)
  union all
  select 'entries_do_not_chain', 'ledger_account/' || ledger_account_id || '/' || version, null, before + amount, balance_after
    from (
      select *, row_number() over chain as place, coalesce(lag(balance_after) over chain, 0) as before
        from entries window chain as (partition by ledger_account_id order by version)
    ) chained
    where balance_after <> before + amount or place <> version
  union all
  select 'version_differs_from_entries', 'ledger_account/' || account.id, account.asset, count(entry), account.version
    from ledger_accounts account left join entries entry on entry.ledger_account_id = account.id
    group by account.id having account.version <> count(entry)
  union all
  select 'reserved_differs_from_reservations', 'ledger_account/' || account.id, account.asset, coalesce(sum(held.remaining), 0), account.reserved
    from ledger_accounts account left join reservations held on held.ledger_account_id = account.id and held.state = 'open'
    group by account.id having account.reserved <> coalesce(sum(held.remaining), 0)
  union all
  -- A reservation's order traded what its activities say.
  select 'filled_differs_from_executions', 'order/' || held.id, held.symbol, coalesce(sum(line.qty), 0), held.filled - held.carried
    from reservations held left join activities line on line.order_id = held.id and line.type in ('buy', 'sell')
    where held.purpose = 'order'
    group by held.id having held.filled - held.carried <> coalesce(sum(line.qty), 0)
  union all
  select 'position_differs_from_ledger', 'position/' || coalesce(position.account_id, account.account_id) || '/' || coalesce(position.symbol, account.asset),
      coalesce(position.symbol, account.asset), coalesce(account.posted, 0), coalesce(position.qty, 0)
    from positions position
    full join (select * from ledger_accounts where kind = 'position') account
      on account.account_id = position.account_id and account.asset = position.symbol
    where coalesce(position.qty, 0) <> coalesce(account.posted, 0)
  union all
  select 'position_' || item || '_differs_from_lots', 'position/' || account_id || '/' || symbol, symbol, expected, actual
    from (
      select position.account_id, position.symbol, position.qty, position.cost, position.bought, position.sold,
          coalesce(sum(lot.remaining), 0) as lots_qty,
          coalesce(sum(half_even(lot.cost::numeric * lot.remaining, lot.qty)), 0) as lots_cost,
          coalesce(sum(lot.cost), 0) as lots_bought, coalesce(sum(lot.proceeds), 0) as lots_sold
        from positions position
        left join lots lot on lot.account_id = position.account_id and lot.symbol = position.symbol
        group by position.account_id, position.symbol
    ) compared
    cross join lateral (values
      ('qty', lots_qty, qty), ('cost', lots_cost, cost), ('bought', lots_bought, bought), ('sold', lots_sold, sold)
    ) as pairs (item, expected, actual)
    where expected <> actual
  union all
  select 'lot_' || item || '_differs_from_closings', 'lot/' || account_id || '/' || id, symbol, expected, actual
    from (
      select lot.account_id, lot.id, lot.symbol, lot.qty - lot.remaining as gone,
          lot.cost - half_even(lot.cost::numeric * lot.remaining, lot.qty) as gone_cost, lot.proceeds,
          coalesce(sum(closing.qty), 0) as closed, coalesce(sum(closing.cost), 0) as closed_cost,
          coalesce(sum(closing.proceeds), 0) as closed_proceeds
        from lots lot left join lot_closings closing on closing.account_id = lot.account_id and closing.lot_id = lot.id
        group by lot.account_id, lot.id
    ) compared
    cross join lateral (values
      ('qty', closed, gone), ('cost', closed_cost, gone_cost), ('proceeds', closed_proceeds, proceeds)
    ) as pairs (item, expected, actual)
    where expected <> actual
  union all
  -- What a client was shown adds up to what the client has. A rounding that the house bore is no line of the client's.
  select 'cash_differs_from_activities', 'ledger_account/' || account.id, account.asset, coalesce(sum(line.amount), 0), account.posted
    from ledger_accounts account left join activities line on line.account_id = account.account_id and line.currency = account.asset
    where account.kind = 'cash'
    group by account.id having account.posted <> coalesce(sum(line.amount), 0)
  union all
  select 'flows_differ_from_activities', 'account/' || flow.account_id, null, coalesce(sum(line.amount), 0), flow.brought::numeric - flow.taken
    from account_flows flow
    left join activities line on line.account_id = flow.account_id
      and line.type in ('deposit', 'withdrawal', 'transfer_in', 'transfer_out', 'adjustment')
    group by flow.account_id having flow.brought::numeric - flow.taken <> coalesce(sum(line.amount), 0);
