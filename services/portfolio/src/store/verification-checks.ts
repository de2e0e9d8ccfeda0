/**
 * What is stored, against what it is made of: every row of a check is a difference (what, where, of which asset, expected, actual), and there
 * should be none, ever. They may be read beside traffic in one snapshot, for every writer keeps all of it true in one transaction.
 */
export const checks: readonly string[] = [
  `
    -- Nothing appears or disappears.
    select 'asset_does_not_sum_to_zero' as check, 'asset/' || asset as entity, asset, 0::numeric as expected, sum(posted) as actual
      from ledger_accounts group by asset having sum(posted) <> 0`,
  `
    select 'ledger_account_of_nobody', 'ledger_account/' || ledger.id, ledger.asset, null, ledger.posted
      from ledger_accounts ledger
      where ledger.kind in ('cash', 'position') and not exists (select 1 from accounts account where account.id = ledger.account_id)`,
  `
    select 'closed_account_is_not_empty', 'account/' || account.id, ledger.asset, 0, ledger.posted
      from accounts account join ledger_accounts ledger on ledger.account_id = account.id
      where account.status = 'closed' and (ledger.posted <> 0 or ledger.reserved <> 0)`,
  `
    select 'journal_does_not_balance', 'journal/' || entry.journal_id, account.asset, 0, sum(entry.amount)
      from entries entry join ledger_accounts account on account.id = entry.ledger_account_id
      group by entry.journal_id, account.asset having sum(entry.amount) <> 0`,
  `
    select 'journal_has_no_entries', 'journal/' || journal.id, null, null, 0
      from journals journal where not exists (select 1 from entries entry where entry.journal_id = journal.id)`,
  `
    -- What came in is what went out, at the rate that the journal names: rounded down, or half-even where no fraction was kept.
    select 'exchange_differs_from_rate', 'journal/' || id, asset, expected, received
    from (
      select journal.id, account.asset, received.amount as received,
          case when rate.numerator is null then half_even(-given.amount::numeric * rate.rate, 1000000)
            else div(-given.amount * rate.numerator, rate.denominator) end as expected
        from journals journal
        join fx_rates rate on rate.id = journal.fx_rate_id
        join entries received on received.journal_id = journal.id and received.amount > 0
        join ledger_accounts account on account.id = received.ledger_account_id and account.kind = 'cash'
        join entries given on given.journal_id = journal.id and given.amount < 0
        join ledger_accounts giver on giver.id = given.ledger_account_id and giver.kind = 'cash'
    ) exchanged
    where received <> expected`,
  `
    select 'balance_differs_from_entries', 'ledger_account/' || account.id, account.asset, coalesce(sum(entry.amount), 0), account.posted
      from ledger_accounts account left join entries entry on entry.ledger_account_id = account.id
      group by account.id having account.posted <> coalesce(sum(entry.amount), 0)`,
  `
    select 'entries_do_not_chain', 'ledger_account/' || ledger_account_id || '/' || version, null, before + amount, balance_after
      from (
        select *, row_number() over chain as place, coalesce(lag(balance_after) over chain, 0) as before
          from entries window chain as (partition by ledger_account_id order by version)
      ) chained
      where balance_after <> before + amount or place <> version`,
  `
    select 'version_differs_from_entries', 'ledger_account/' || account.id, account.asset, count(entry), account.version
      from ledger_accounts account left join entries entry on entry.ledger_account_id = account.id
      group by account.id having account.version <> count(entry)`,
  `
    select 'reserved_differs_from_reservations', 'ledger_account/' || account.id, account.asset, coalesce(sum(held.remaining), 0), account.reserved
      from ledger_accounts account left join reservations held on held.ledger_account_id = account.id and held.state = 'open'
      group by account.id having account.reserved <> coalesce(sum(held.remaining), 0)`,
  `
    -- A withdrawal under way holds its amount, and nothing else is held for withdrawals.
    select 'hold_differs_from_withdrawal', 'funding/' || coalesce(held.id, funding.id), coalesce(funding.currency, ledger.asset), coalesce(funding.amount, 0), coalesce(held.remaining, 0)
      from (select * from reservations where purpose = 'withdrawal' and state = 'open') held
      full join (select * from fundings where type = 'withdrawal' and state in ('held', 'sent')) funding on funding.id = held.id
      left join ledger_accounts ledger on ledger.id = held.ledger_account_id
      where coalesce(funding.amount, 0) <> coalesce(held.remaining, 0)`,
  `
    -- Settled it is booked; before that, and where it came to nothing, it is not.
    select 'funding_differs_from_activities', 'funding/' || funding.id, funding.currency, expected, coalesce(line.amount, 0)
      from fundings funding
      cross join lateral (values (
        case when funding.state <> 'settled' then 0 when funding.type = 'deposit' then funding.amount else -funding.amount end
      )) as due (expected)
      left join (
        select reference, type, sum(amount) as amount from activities where type in ('deposit', 'withdrawal') group by reference, type
      ) line on line.reference = funding.id::text and line.type = funding.type
      where expected <> coalesce(line.amount, 0)`,
  `
    -- A reservation's order traded what its activities say.
    select 'filled_differs_from_executions', 'order/' || held.id, held.symbol, coalesce(sum(line.qty), 0), held.filled - held.carried
      from reservations held left join activities line on line.order_id = held.id and line.type in ('buy', 'sell')
      where held.purpose = 'order'
      group by held.id having held.filled - held.carried <> coalesce(sum(line.qty), 0)`,
  `
    select 'position_differs_from_ledger', 'position/' || coalesce(position.account_id, account.account_id) || '/' || coalesce(position.symbol, account.asset),
        coalesce(position.symbol, account.asset), coalesce(account.posted, 0), coalesce(position.qty, 0)
      from positions position
      full join (select * from ledger_accounts where kind = 'position') account
        on account.account_id = position.account_id and account.asset = position.symbol
      where coalesce(position.qty, 0) <> coalesce(account.posted, 0)`,
  `
    -- What was bought, sold and adjusted is what is held.
    select 'position_differs_from_executions', 'position/' || position.account_id || '/' || position.symbol, position.symbol,
        coalesce(sum(case line.type when 'sell' then -line.qty else line.qty end), 0), position.qty
      from positions position
      left join activities line on line.account_id = position.account_id and line.symbol = position.symbol
        and line.type in ('buy', 'sell', 'adjustment', 'split')
      group by position.account_id, position.symbol
      having position.qty <> coalesce(sum(case line.type when 'sell' then -line.qty else line.qty end), 0)`,
  `
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
      where expected <> actual`,
  `
    -- A lot is what one purchase, or one adjustment, brought.
    select 'lot_' || item || '_differs_from_execution', 'lot/' || account_id || '/' || id, symbol, expected, actual
      from (
        select lot.account_id, lot.id, lot.symbol, lot.qty, lot.cost, coalesce(line.qty, 0) as bought_qty,
            coalesce(half_even(line.price::numeric * line.qty, 1000000), 0) as bought_cost
          from (select * from lots where id not like '%/%') lot
          left join activities line on line.account_id = lot.account_id and line.symbol = lot.symbol and line.reference = lot.id
            and (line.type = 'buy' or (line.type = 'adjustment' and line.qty > 0))
      ) compared
      cross join lateral (values ('qty', bought_qty, qty), ('cost', bought_cost, cost)) as pairs (item, expected, actual)
      where expected <> actual`,
  `
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
      where expected <> actual`,
  `
    -- A sale brings its lots what it brought its owner, and an adjustment what they had cost: it realises nothing.
    select 'closings_' || item || '_differ_from_execution', 'activity/' || id, symbol, expected, actual
      from (
        select line.id, line.symbol, abs(line.qty) as gone, coalesce(sum(closing.qty), 0) as closed,
            case line.type when 'sell' then line.amount else coalesce(sum(closing.cost), 0) end as brought,
            coalesce(sum(closing.proceeds), 0) as proceeds
          from activities line
          left join lot_closings closing on closing.account_id = line.account_id and closing.exec_id = line.reference
          where line.type = 'sell' or (line.type = 'adjustment' and line.qty < 0)
          group by line.account_id, line.occurred_at, line.id
      ) compared
      cross join lateral (values ('qty', gone, closed), ('proceeds', brought, proceeds)) as pairs (item, expected, actual)
      where expected <> actual`,
  `
    -- What a client was shown adds up to what the client has. A rounding that the house bore is no line of the client's.
    select 'cash_differs_from_activities', 'ledger_account/' || account.id, account.asset, coalesce(sum(line.amount), 0), account.posted
      from ledger_accounts account left join activities line on line.account_id = account.account_id and line.currency = account.asset
      where account.kind = 'cash'
      group by account.id having account.posted <> coalesce(sum(line.amount), 0)`,
  `
    select 'flows_differ_from_activities', 'account/' || flow.account_id, null, coalesce(sum(line.amount + line.in_kind), 0), flow.brought::numeric - flow.taken
      from account_flows flow
      left join activities line on line.account_id = flow.account_id
        and line.type in ('deposit', 'withdrawal', 'transfer_in', 'transfer_out', 'adjustment')
      group by flow.account_id having flow.brought::numeric - flow.taken <> coalesce(sum(line.amount + line.in_kind), 0)`,
  `
    -- What was split went into lots of as many shares, which cost what the shares before had cost, less what was paid out.
    select 'split_' || item || '_differs_from_lots', 'activity/' || id, symbol, expected, actual
      from (
        select line.id, line.symbol, line.qty as counted, coalesce(opened.qty, 0) - coalesce(closed.qty, 0) as by_lots,
            line.amount as paid, coalesce(closed.proceeds, 0) - coalesce(opened.cost, 0) as by_closings,
            line.realised, coalesce(closed.proceeds, 0) - coalesce(closed.cost, 0) as gained
          from activities line
          left join lateral (
            select sum(qty) as qty, sum(cost) as cost, sum(proceeds) as proceeds from lot_closings closing
            where closing.account_id = line.account_id and closing.exec_id = line.reference
          ) closed on true
          left join lateral (
            select sum(qty) as qty, sum(cost) as cost from lots lot
            where lot.account_id = line.account_id and lot.symbol = line.symbol and lot.id like line.reference || '/%'
          ) opened on true
          where line.type = 'split'
      ) compared
      cross join lateral (values
        ('qty', by_lots, counted), ('cash', by_closings, paid), ('realised', gained, realised)
      ) as pairs (item, expected, actual)
      where expected <> actual`,
];
