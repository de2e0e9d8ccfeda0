/** Of orders, executions and what they made of holdings. See verification-checks.ts. */
export const orderChecks: readonly string[] = [
  `
    -- A client was shown what was executed, and what was shown was executed. The house may bear a rounding of two micro-units.
    select 'execution_differs_from_activity', 'order/' || coalesce(done.order_id, line.order_id), coalesce(done.symbol, line.symbol), done.amount, line.amount
      from (
        select execution.* from executions execution join accounts account on account.id = execution.account_id
        where account.kind <> 'house'
      ) done
      full join (select * from activities where type in ('buy', 'sell')) line
        on line.account_id = done.account_id and line.reference = done.exec_id
      where done.exec_id is null or line.id is null or abs(done.qty) <> line.qty or (done.qty > 0) <> (line.type = 'buy')
        or done.symbol <> line.symbol or line.order_id is distinct from done.order_id
        or line.amount - done.amount not between 0 and 2`,
  `
    -- Clearing stands across from every leg: what a batch of them moved is what is entered there.
    select 'clearing_differs_from_executions', 'journal/' || coalesce(moved.journal_id, entered.journal_id), coalesce(moved.asset, entered.asset), -coalesce(moved.amount, 0), coalesce(entered.amount, 0)
      from (
        select journal_id, symbol as asset, sum(qty) as amount from executions where journal_id is not null group by journal_id, symbol
        union all
        select journal_id, 'money', sum(amount) from executions where journal_id is not null group by journal_id
      ) moved
      full join (
        select entry.journal_id, case when account.asset in ('USD', 'CAD', 'EUR', 'GBP') then 'money' else account.asset end as asset,
            sum(entry.amount) as amount
          from entries entry
          join ledger_accounts account on account.id = entry.ledger_account_id and account.kind = 'clearing'
          join journals journal on journal.id = entry.journal_id and journal.reference like 'batch/%'
          group by 1, 2
      ) entered on entered.journal_id = moved.journal_id and entered.asset = moved.asset
      where coalesce(moved.amount, 0) + coalesce(entered.amount, 0) <> 0`,
  `
    -- A trade has two legs that move the same. The very last one settled may still wait for its other.
    select 'trade_is_not_of_two_legs', 'trade/' || trade_id, min(symbol), 2, count(*)
      from executions
      where trade_id is not null
      group by trade_id
      having sum(qty) <> 0 or sum(amount) <> 0 or count(*) not in (1, 2) or (
        count(*) = 1
        and min(journal_id::text) <> (select id::text from journals where kind = 'fill' order by posted_at desc, id desc limit 1))`,
  `
    -- What an order's fills came to, with those of the order that it replaced.
    select 'order_traded_differs_from_executions', 'order/' || held.id, held.symbol, due.traded, held.traded
      from reservations held
      left join reservations old on old.id = held.replaces and held.carried > 0
      left join (
        select execution.order_id, sum(abs(execution.amount)) as traded
          from executions execution join reservations its on its.id = execution.order_id and its.account_id = execution.account_id
          group by execution.order_id
      ) done on done.order_id = held.id
      cross join lateral (select coalesce(done.traded, 0) + coalesce(old.traded, 0) as traded) due
      where held.purpose = 'order' and held.traded <> due.traded`,
  `
    select 'order_fee_paid_differs_from_activities', 'order/' || held.id, held.symbol, due.paid, held.fee_paid
      from reservations held
      left join reservations old on old.id = held.replaces and held.carried > 0
      left join (
        select order_id, -sum(amount) as paid from activities where type = 'fee' group by order_id
      ) done on done.order_id = held.id
      cross join lateral (select coalesce(done.paid, 0) + coalesce(old.fee_paid, 0) as paid) due
      where held.purpose = 'order' and held.fee_paid <> due.paid`,
  `
    -- The most that a buy's fees can come to is what its schedule asks for all of it; a sale holds nothing for them.
    select 'order_fee_cap_differs_from_schedule', 'order/' || held.id, held.symbol, due.cap, held.fee_cap
      from reservations held
      left join fee_schedules schedule on schedule.id = held.fee_schedule_id
      cross join lateral (
        select case when held.side = 'sell' or schedule.id is null then 0
          else fee_due(schedule, coalesce(held.asked_qty, held.qty), coalesce(held.asked_principal, held.principal)) end as cap
      ) due
      where held.purpose = 'order' and held.fee_cap <> due.cap`,
  `
    -- What was charged is what the schedule asks for what was traded: for a buy no more than it held for it, for a sale as far as it brought it.
    select 'order_fees_differ_from_schedule', 'order/' || held.id, held.symbol, due.fee, held.fee_paid
      from reservations held
      left join fee_schedules schedule on schedule.id = held.fee_schedule_id
      cross join lateral (
        select case when schedule.id is null then 0
          when held.side = 'buy' then least(fee_due(schedule, held.filled, held.traded), held.fee_cap)
          else fee_due(schedule, held.filled, held.traded) end as fee
      ) due
      where held.purpose = 'order' and held.carried = 0
        and case when held.side = 'buy' then held.fee_paid <> due.fee else held.fee_paid > due.fee or (held.fee_paid < due.fee and held.fee_paid < held.traded
          and not exists (select 1 from activities line where line.order_id = held.id and line.type = 'fee'
            and -line.amount >= (select sale.amount from activities sale where sale.account_id = line.account_id and sale.reference = line.reference and sale.type = 'sell'))) end`,
  `
    -- An open order holds its open part of what was reserved, give or take the rounding; what is to replace another holds the difference, and
    -- exits hold together.
    select 'order_remaining_differs_from_terms', 'order/' || held.id, held.symbol, due.remaining, held.remaining
      from reservations held
      cross join lateral (
        select half_even(held.principal::numeric * (held.qty - held.filled), held.qty) + greatest(held.fee_cap - held.fee_paid, 0) as remaining
      ) due
      where held.purpose = 'order' and held.state = 'open' and held.replaces is null
        and (held.group_id is null or (held.group_type <> 'oco' and held.group_leg = 0)) and abs(held.remaining - due.remaining) > 2`,
  `
    -- A sale reserves as many shares as it sells.
    select 'order_principal_differs_from_quantity', 'order/' || id, symbol, qty, principal
      from reservations where purpose = 'order' and side = 'sell' and principal <> qty`,
  `
    select 'order_is_open_but_filled', 'order/' || id, symbol, qty, filled
      from reservations where purpose = 'order' and state = 'open' and filled = qty`,
  `
    -- A buy holds its account's money, a sale its shares.
    select 'reservation_hangs_on_another_account', 'order/' || held.id, held.symbol, held.ledger_account_id, ledger.id
      from reservations held
      left join ledger_accounts ledger on ledger.id = held.ledger_account_id and ledger.account_id = held.account_id
        and (held.side is null or (held.side = 'buy') = (ledger.kind = 'cash')) and (held.side is distinct from 'sell' or ledger.asset = held.symbol)
      where ledger.id is null`,
  `
    -- Where nothing was split, what is left cost by the average what buying and selling made it.
    select 'average_cost_differs_from_movements', 'position/' || position.account_id || '/' || position.symbol, position.symbol, replayed.average[2], position.average_cost
      from positions position
      join (
        select ledger.account_id, ledger.asset, average_cost(entry.amount, half_even(line.price::numeric * line.qty, 1000000) order by entry.version) as average
          from ledger_accounts ledger
          join entries entry on entry.ledger_account_id = ledger.id
          join activities line on line.account_id = ledger.account_id and line.journal_id = entry.journal_id and line.symbol = ledger.asset
            and line.type in ('buy', 'sell', 'adjustment', 'split') and line.reference = coalesce(entry.reference, line.reference)
          where ledger.kind = 'position'
          group by ledger.account_id, ledger.asset
      ) replayed on replayed.account_id = position.account_id and replayed.asset = position.symbol
      where position.average_cost <> replayed.average[2]
        -- A split counts lots anew, and where the shares stay as many (one, three for two, half a share in money) it moves none of them.
        and not exists (
          select from activities line where line.account_id = position.account_id and line.symbol = position.symbol and line.type = 'split')`,
  `
    -- What a client was told to have gained is what the lots say.
    select 'realised_differs_from_closings', 'activity/' || line.id, line.symbol, coalesce(closed.gained, 0), line.realised
      from activities line
      left join (
        select account_id, exec_id, sum(proceeds - cost) as gained from lot_closings group by account_id, exec_id
      ) closed on closed.account_id = line.account_id and closed.exec_id = line.reference and line.type in ('sell', 'split')
      where line.realised <> coalesce(closed.gained, 0)`,
  `
    select 'lot_is_not_closed_when_spent', 'lot/' || account_id || '/' || id, symbol, remaining, case when closed_at is null then 1 else 0 end
      from lots where (remaining = 0) <> (closed_at is not null)`,
  `
    -- A dividend was paid on what was held, once.
    select 'dividend_differs_from_action', 'account/' || due.account_id, action.currency, half_even(action.per_share::numeric * due.qty, 1000000), coalesce(sum(line.amount), 0)
      from corporate_action_accounts due
      join corporate_actions action on action.id = due.action_id and action.type = 'cash_dividend'
      left join activities line on line.account_id = due.account_id and line.type = 'dividend' and line.reference = action.id || '/' || due.account_id
      where due.done_at is not null
      group by due.action_id, due.account_id, due.qty, action.per_share, action.currency
      having coalesce(sum(line.amount), 0) <> half_even(action.per_share::numeric * due.qty, 1000000)`,
];
