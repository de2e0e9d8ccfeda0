/** Column by column, what a hand in the database could set otherwise: each has a second record somewhere. See corruptions.ts. */
export const corruptionsByColumn: [check: string, statement: string][] = [
  ['execution_of_no_order', `delete from reservations where $1 and state = 'closed' and side = 'sell'`],
  [
    'execution_of_no_order',
    `update reservations set purpose = 'withdrawal' where $1 and state = 'closed' and side = 'sell'`,
  ],
  [
    'execution_of_no_order',
    `update reservations set symbol = 'MSFT' where $1 and state = 'closed' and group_id is null`,
  ],
  ['execution_of_no_order', `update reservations set side = 'sell' where $1 and state = 'closed' and side = 'buy'`],
  [
    'execution_of_no_order',
    `update reservations set account_id = gen_random_uuid() where $1 and state = 'closed' and side = 'sell'`,
  ],
  [
    'execution_of_no_order',
    `update reservations set id = gen_random_uuid() where $1 and state = 'closed' and side = 'sell'`,
  ],
  ['execution_of_no_order', 'update executions set account_id = gen_random_uuid() where $1 and qty > 0'],
  ['execution_of_no_order', 'update executions set order_id = gen_random_uuid() where $1 and qty > 0'],
  ['execution_differs_from_activity', `update executions set exec_id = exec_id || 'x' where $1 and qty > 0`],
  ['execution_differs_from_activity', `update executions set symbol = 'MSFT' where $1 and qty > 0`],
  ['execution_differs_from_activity', 'update executions set qty = -qty where $1'],
  ['execution_differs_from_activity', `update activities set reference = reference || 'x' where $1 and type = 'buy'`],
  ['execution_differs_from_activity', `update activities set symbol = 'MSFT' where $1 and type = 'sell'`],
  ['execution_differs_from_activity', `update activities set type = 'sell' where $1 and type = 'buy'`],
  [
    'activity_differs_from_execution',
    `update activities set occurred_at = occurred_at - interval '1 d' where $1 and type = 'sell'`,
  ],
  [
    'activity_differs_from_execution',
    `update executions set occurred_at = occurred_at - interval '1 d' where $1 and qty < 0`,
  ],
  ['activity_differs_from_execution', `update activities set price = price + 1000000 where $1 and type = 'sell'`],
  [
    'fill_is_beyond_limit',
    'update reservations set limit_price = limit_price - 1 where $1 and limit_price is not null',
  ],
  ['clearing_differs_from_executions', 'update executions set journal_id = null where $1 and qty > 0'],
  [
    'clearing_differs_from_executions',
    `update executions set journal_id = (select id from journals where kind = 'deposit' limit 1) where $1 and qty > 0`,
  ],
  ['entry_names_another_execution', `update entries set reference = null where reference is not null`],
  [
    'entry_names_another_execution',
    `update entries set reference = (select exec_id from executions other where other.exec_id <> entries.reference limit 1)
      where reference is not null and amount > 0`,
  ],
  ['entry_names_another_execution', `update entries set reference = 'x' where reference is null and version = 1`],
  [
    'journal_does_not_balance',
    `update entries set journal_id = (select id from journals where kind = 'deposit' limit 1) where amount < 0 and reference is not null`,
  ],
  [
    'journal_does_not_balance',
    `update entries set ledger_account_id = (select id from ledger_accounts where asset = 'CAD' limit 1), version = version + 1000
      where version = 1 and ledger_account_id = (select id from ledger_accounts where $1 and asset = 'USD')`,
  ],
  [
    'entries_do_not_chain',
    `update entries set version = version + 100 where version = 2 and ledger_account_id = (select id from ledger_accounts where $1 and asset = 'USD')`,
  ],
  [
    'entries_do_not_chain',
    `insert into entries (journal_id, ledger_account_id, amount, balance_after, version)
      select journal_id, ledger_account_id, amount, balance_after, version + 1000 from entries where reference is not null`,
  ],
  ['order_is_closed_at_no_time', `update reservations set closed_at = null where $1 and state = 'closed'`],
  ['order_is_closed_at_no_time', `update reservations set closed_at = now() where $1 and state = 'open'`],
  [
    'fee_names_another_schedule',
    `update journals set fee_schedule_id = (select id from fee_schedules where name = 'dear') where kind = 'fee'`,
  ],
  [
    'fee_names_another_schedule',
    `update reservations set fee_schedule_id = (select id from fee_schedules where name = 'dear') where $1 and fee_schedule_id is not null`,
  ],
  [
    'order_fees_differ_from_schedule',
    `update reservations set fee_schedule_id = (select id from fee_schedules where name = 'dear'), fee_cap = 2000000 where $1 and fee_schedule_id is not null`,
  ],
  [
    'order_fees_differ_from_schedule',
    `update reservations set fee_schedule_id = null, fee_cap = 0 where $1 and fee_schedule_id is not null`,
  ],
  ['order_fee_cap_differs_from_schedule', `update fee_schedules set per_order = per_order - 1 where name = 'cheap'`],
  ['order_fees_differ_from_schedule', `update fee_schedules set maximum = 1 where name = 'cheap'`],
  ['order_fee_paid_differs_from_activities', `delete from activities where $1 and type = 'fee'`],
  ['order_fee_paid_differs_from_activities', `update activities set amount = amount + 1 where $1 and type = 'fee'`],
  [
    'order_fee_paid_differs_from_activities',
    `update activities set order_id = gen_random_uuid() where $1 and type = 'fee'`,
  ],
  ['journal_names_no_rate', 'delete from fee_schedules'],
  ['reserved_differs_from_reservations', `delete from reservations where $1 and state = 'open' and side = 'sell'`],
  [
    'order_remaining_differs_from_terms',
    `update reservations set qty = qty + 1000000 where $1 and state = 'open' and group_id is null and purpose = 'order'`,
  ],
  [
    'order_fee_cap_differs_from_schedule',
    `update reservations set asked_qty = 1, asked_principal = 1, fee_cap = 7 where $1 and fee_schedule_id is not null`,
  ],
  [
    'lot_is_out_of_order',
    `with gone as (delete from lots where $1 returning *)
      insert into lots (account_id, id, symbol, sequence, opened_at, closed_at, qty, cost, remaining, proceeds) overriding system value
      select account_id, id, symbol, -sequence, opened_at, closed_at, qty, cost, remaining, proceeds from gone`,
  ],
  ['lot_is_of_another_time', `update lots set opened_at = opened_at - interval '1 y' where $1`],
  ['lot_is_not_closed_when_spent', `update lots set closed_at = null, remaining = 0 where $1`],
  ['lot_qty_differs_from_execution', `update lots set symbol = 'MSFT' where $1`],
  ['lot_qty_differs_from_execution', `update lots set id = id || 'x' where $1`],
  ['position_qty_differs_from_lots', `update lots set account_id = gen_random_uuid() where $1`],
  ['position_qty_differs_from_lots', 'delete from lots where $1 and remaining > 0'],
  ['closings_qty_differ_from_execution', 'delete from lot_closings where $1'],
  ['closings_qty_differ_from_execution', `update lot_closings set exec_id = exec_id || 'x' where $1`],
  ['lot_qty_differs_from_closings', `update lot_closings set lot_id = lot_id || 'x' where $1`],
  ['position_differs_from_ledger', `update positions set symbol = 'MSFT' where $1`],
  ['position_differs_from_ledger', 'update positions set account_id = gen_random_uuid() where $1'],
  ['account_has_no_flows', 'delete from account_flows where $1'],
  ['account_has_another_owner', 'delete from account_owners where $1'],
  ['account_has_another_owner', 'update account_owners set user_id = gen_random_uuid() where $1'],
  ['activity_is_in_kind', `update activities set in_kind = 5 where $1 and type = 'buy'`],
  ['flows_differ_from_activities', `update activities set in_kind = in_kind + 5 where $1 and type = 'adjustment'`],
  ['cash_differs_from_activities', `delete from activities where $1 and type = 'deposit'`],
  [
    'cash_differs_from_activities',
    `update activities set account_id = gen_random_uuid() where $1 and type = 'transfer_out'`,
  ],
  [
    'cash_differs_from_activities',
    `insert into activities select account_id, occurred_at, gen_random_uuid(), type, symbol, qty, price, amount, currency, journal_id,
      reference, order_id, realised, in_kind from activities where $1 and type = 'deposit'`,
  ],
  ['activity_differs_from_journal', `update activities set type = 'transfer_in' where $1 and type = 'deposit'`],
  [
    'activity_differs_from_journal',
    `update activities set reference = reference || 'x' where $1 and type = 'transfer_out'`,
  ],
  [
    'activity_of_no_action',
    `insert into activities (account_id, occurred_at, id, type, symbol, amount, currency, journal_id, reference)
      select account_id, occurred_at, gen_random_uuid(), 'dividend', symbol, 5, currency, journal_id, 'd' from activities where $1 and type = 'buy' limit 1`,
  ],
  [
    'split_differs_from_ratio',
    `with action as (
        insert into corporate_actions (id, symbol, type, ratio_to, ratio_from, applied_at, digest)
        values ('s', 'AAPL', 'split', 3, 1, now(), '')),
      due as (insert into corporate_action_accounts (action_id, account_id, qty, done_at) select 's', account_id, qty, now() from positions where $1 returning account_id),
      gone as (
        insert into lot_closings (account_id, lot_id, exec_id, qty, cost, proceeds, closed_at)
        select account_id, 'l', 's/' || account_id, 1000000, 1, 1, now() from due)
      insert into activities (account_id, occurred_at, id, type, symbol, qty, amount, currency, journal_id, reference)
      select account_id, now(), gen_random_uuid(), 'split', 'AAPL', 1000000, 0, 'USD', gen_random_uuid(), 's/' || account_id from due`,
  ],
  ['exchange_differs_from_rate', 'update fx_rates set numerator = 2, denominator = 1'],
  ['exchange_is_of_other_currencies', `update fx_rates set base = quote, quote = base`],
  ['journal_names_no_rate', `update journals set fx_rate_id = gen_random_uuid() where kind = 'fx'`],
  [
    'position_is_misplaced',
    `update accounts set kind = 'savings' where id = (select account_id from positions where $1)`,
  ],
  [
    'ledger_account_is_misfiled',
    `update accounts set kind = 'house' where id = (select account_id from positions where $1)`,
  ],
  ['ledger_account_is_misfiled', `update ledger_accounts set account_id = gen_random_uuid() where kind = 'bank'`],
  ['ledger_account_is_misfiled', `update ledger_accounts set kind = 'house' where kind = 'clearing'`],
  ['asset_does_not_sum_to_zero', `update ledger_accounts set asset = 'EUR' where $1 and asset = 'USD'`],
  [
    'journal_has_no_entries',
    `delete from entries where journal_id = (select id from journals where kind = 'deposit' limit 1)`,
  ],
  ['journal_is_called_otherwise', `update journals set id = gen_random_uuid() where kind = 'fill'`],
  ['funding_differs_from_activities', `update fundings set amount = amount + 1 where $1 and state = 'settled'`],
  ['funding_differs_from_activities', `update fundings set type = 'withdrawal' where $1 and state = 'settled'`],
  [
    'funding_differs_from_account',
    `update fundings set id = gen_random_uuid(), account_id = gen_random_uuid() where $1 and type = 'deposit'`,
  ],
  ['hold_differs_from_withdrawal', `update fundings set amount = amount + 1 where $1 and state = 'held'`],
  [
    'dividend_differs_from_action',
    `with action as (
        insert into corporate_actions (id, symbol, type, per_share, currency, applied_at, digest)
        values ('d', 'AAPL', 'cash_dividend', 1000000, 'USD', now(), '') returning id),
      due as (insert into corporate_action_accounts (action_id, account_id, qty, done_at) select 'd', account_id, qty, now() from positions where $1 returning account_id)
      insert into activities (account_id, occurred_at, id, type, symbol, amount, currency, journal_id, reference)
      select account_id, now(), gen_random_uuid(), 'dividend', 'AAPL', 5, 'USD', gen_random_uuid(), 'd/' || account_id from due`,
  ],
];
