/** Of what else was written down of the same thing: whatever one record says alone could be changed without a trace. See verification-checks.ts. */
export const recordChecks: readonly string[] = [
  `
    -- Every leg is of an order that was reserved for it; the house needs none.
    select 'execution_of_no_order', 'order/' || execution.order_id, execution.symbol, null, execution.qty
      from executions execution
      left join accounts account on account.id = execution.account_id
      left join reservations held on held.id = execution.order_id
      where account.id is null or (account.kind <> 'house' and (
        held.id is null or held.purpose <> 'order' or held.account_id <> execution.account_id or held.symbol <> execution.symbol
          or (held.side = 'buy') <> (execution.qty > 0)))`,
  `
    -- A client was shown the time and the price that it was executed at.
    select 'activity_differs_from_execution', 'activity/' || line.id, line.symbol, execution.amount, line.amount
      from activities line
      join executions execution on execution.exec_id = line.reference and execution.account_id = line.account_id
      where line.type in ('buy', 'sell') and (line.occurred_at <> execution.occurred_at
        or half_even(line.price::numeric * line.qty, 1000000) <> abs(execution.amount))`,
  `
    -- No fill was worse than its order's limit.
    select 'fill_is_beyond_limit', 'order/' || held.id, held.symbol, held.limit_price, line.price
      from activities line join reservations held on held.id = line.order_id and held.limit_price is not null
      where line.type in ('buy', 'sell') and case held.side when 'buy' then line.price > held.limit_price else line.price < held.limit_price end`,
  `
    -- In a journal of many, a client's entry names the execution that it is of.
    select 'entry_names_another_execution', 'ledger_account/' || account.id || '/' || entry.version, account.asset, null, entry.amount
      from entries entry
      join ledger_accounts account on account.id = entry.ledger_account_id and account.kind in ('cash', 'position')
      join journals journal on journal.id = entry.journal_id
      left join executions execution on execution.exec_id = entry.reference
      where case when journal.reference like 'batch/%'
        then execution.exec_id is null or execution.account_id <> account.account_id
          or (journal.kind = 'fill' and execution.journal_id is distinct from journal.id)
        else entry.reference is not null end`,
  `
    select 'order_is_closed_at_no_time', 'order/' || id, symbol, null, remaining
      from reservations where (state = 'closed') <> (closed_at is not null)`,
  `
    -- What was charged names the schedule that its order was reserved under.
    select 'fee_names_another_schedule', 'activity/' || line.id, line.currency, null, line.amount
      from activities line
      join journals journal on journal.id = line.journal_id
      left join reservations held on held.id = line.order_id
      where line.type = 'fee' and journal.fee_schedule_id is distinct from held.fee_schedule_id`,
  `
    -- Lots are sold in the order in which they came.
    select 'lot_is_out_of_order', 'lot/' || account_id || '/' || id, symbol, before, sequence
      from (
        select lot.account_id, lot.id, lot.symbol, lot.sequence, lag(lot.sequence) over (partition by entry.ledger_account_id order by entry.version) as before
          from lots lot
          join ledger_accounts ledger on ledger.account_id = lot.account_id and ledger.asset = lot.symbol
          join entries entry on entry.ledger_account_id = ledger.id and entry.reference = lot.id and entry.amount > 0
      ) placed
      where sequence < before`,
  `
    select 'lot_is_of_another_time', 'lot/' || lot.account_id || '/' || lot.id, lot.symbol, null, lot.qty
      from lots lot join activities line on line.account_id = lot.account_id and line.reference = lot.id and line.type = 'buy'
      where line.occurred_at <> lot.opened_at`,
  `
    -- What an owner brought and took is asked for and kept in two more places.
    select 'account_has_no_flows', 'account/' || line.account_id, null, sum(line.amount + line.in_kind), null
      from activities line
      where line.type in ('deposit', 'withdrawal', 'transfer_in', 'transfer_out', 'adjustment')
        and not exists (select 1 from account_flows flow where flow.account_id = line.account_id)
      group by line.account_id`,
  `
    select 'activity_is_in_kind', 'activity/' || id, symbol, 0, in_kind from activities where in_kind <> 0 and type <> 'adjustment'`,
  `
    -- What a company did is known, and done once all who held it are dealt with.
    select 'activity_of_no_action', 'activity/' || line.id, line.symbol, null, line.amount
      from activities line
      left join corporate_action_accounts due on due.account_id = line.account_id and due.action_id || '/' || due.account_id = line.reference
      left join corporate_actions action on action.id = due.action_id
      where line.type in ('dividend', 'split') and (action.id is null or due.done_at is null
        or action.type <> case line.type when 'split' then 'split' else 'cash_dividend' end
        or action.symbol <> coalesce(line.symbol, action.symbol) or coalesce(action.currency, line.currency) <> line.currency)`,
  `
    -- After a split there are as many shares as its ratio makes of those before, but for less than one, and that was paid for.
    select 'split_differs_from_ratio', 'activity/' || line.id, line.symbol, div(split.before * action.ratio_to, action.ratio_from), split.after
      from activities line
      join corporate_action_accounts due on due.account_id = line.account_id and due.action_id || '/' || due.account_id = line.reference
      join corporate_actions action on action.id = due.action_id and action.type = 'split'
      cross join lateral (
        select sum(closing.qty) as before, sum(closing.qty) + line.qty as after
          from lot_closings closing where closing.account_id = line.account_id and closing.exec_id = line.reference
      ) split
      where line.type = 'split' and (div(split.before * action.ratio_to, action.ratio_from) - split.after not between 0 and 999999
        or half_even(action.reference_price * (split.before * action.ratio_to - split.after * action.ratio_from), action.ratio_to * 1000000::numeric) <> line.amount)`,
  `
    -- A rate is between the currencies that were exchanged at it.
    select 'exchange_is_of_other_currencies', 'journal/' || journal.id, account.asset, null, entry.amount
      from journals journal
      join fx_rates rate on rate.id = journal.fx_rate_id
      join entries entry on entry.journal_id = journal.id
      join ledger_accounts account on account.id = entry.ledger_account_id and account.kind = 'cash'
      where account.asset <> case when entry.amount < 0 then rate.base else rate.quote end`,
  `
    -- Shares are held where they may be.
    select 'position_is_misplaced', 'position/' || position.account_id || '/' || position.symbol, position.symbol, null, position.qty
      from positions position join accounts account on account.id = position.account_id
      where position.qty <> 0 and account.kind in ('savings', 'chequing')`,
];
