/** What a slip, or a hand in the database, does to one row. The account is `account_id = $1` wherever it is one account's. */
export const corruptions: [check: string, statement: string][] = [
  ['asset_does_not_sum_to_zero', `update ledger_accounts set posted = posted + 1 where $1 and asset = 'USD'`],
  [
    'ledger_account_of_nobody',
    `insert into ledger_accounts (account_id, kind, asset) values (gen_random_uuid(), 'cash', 'USD')`,
  ],
  [
    'closed_account_is_not_empty',
    `update accounts set status = 'closed', closed_at = now() where id = (select account_id from positions where $1)`,
  ],
  [
    'journal_does_not_balance',
    `update entries set amount = amount + 1 where version = 1 and ledger_account_id = (select id from ledger_accounts where $1 and asset = 'USD')`,
  ],
  [
    'journal_has_no_entries',
    `insert into journals (id, kind, reference, occurred_at) values (gen_random_uuid(), 'deposit', 'x', now())`,
  ],
  ['exchange_differs_from_rate', 'update fx_rates set rate = rate + 10'],
  [
    'balance_differs_from_entries',
    `delete from entries where version = 1 and ledger_account_id = (select id from ledger_accounts where $1 and asset = 'USD')`,
  ],
  [
    'entries_do_not_chain',
    `update entries set balance_after = balance_after + 1 where version = 1 and ledger_account_id = (select id from ledger_accounts where $1 and asset = 'USD')`,
  ],
  ['version_differs_from_entries', `update ledger_accounts set version = version + 1 where $1 and asset = 'USD'`],
  [
    'reserved_differs_from_reservations',
    `update ledger_accounts set reserved = reserved - 1 where $1 and asset = 'USD'`,
  ],
  [
    'hold_differs_from_withdrawal',
    `update reservations set remaining = remaining - 1 where $1 and purpose = 'withdrawal'`,
  ],
  ['hold_differs_from_withdrawal', `update fundings set state = 'failed' where $1 and type = 'withdrawal'`],
  ['hold_differs_from_withdrawal', `delete from reservations where $1 and purpose = 'withdrawal'`],
  ['funding_differs_from_activities', `update fundings set state = 'returned' where $1 and type = 'deposit'`],
  ['funding_differs_from_activities', `update fundings set state = 'settled' where $1 and type = 'withdrawal'`],
  [
    'filled_differs_from_executions',
    `update reservations set filled = filled - 1 where $1 and side = 'buy' and filled > 0`,
  ],
  ['position_differs_from_ledger', 'update positions set qty = qty + 1 where $1'],
  ['position_differs_from_ledger', 'delete from positions where $1'],
  ['position_differs_from_executions', `update activities set qty = qty + 1 where $1 and type = 'sell'`],
  ['position_differs_from_executions', `delete from activities where $1 and type = 'adjustment' and qty > 0`],
  ['position_qty_differs_from_lots', 'update positions set qty = qty + 1 where $1'],
  ['position_cost_differs_from_lots', 'update positions set cost = cost + 1 where $1'],
  ['position_bought_differs_from_lots', 'update positions set bought = bought + 1 where $1'],
  ['position_sold_differs_from_lots', 'update positions set sold = sold + 1 where $1'],
  ['lot_qty_differs_from_execution', 'update lots set qty = qty + 1 where $1'],
  ['lot_cost_differs_from_execution', 'update lots set cost = cost + 1 where $1 and remaining = qty'],
  ['lot_qty_differs_from_closings', 'update lots set remaining = remaining - 1 where $1'],
  ['lot_cost_differs_from_closings', 'update lot_closings set cost = cost + 1 where $1'],
  ['lot_proceeds_differs_from_closings', 'update lots set proceeds = proceeds + 1 where $1'],
  ['closings_qty_differ_from_execution', 'update lot_closings set qty = qty + 1 where $1'],
  ['closings_proceeds_differ_from_execution', 'update lot_closings set proceeds = proceeds + 1 where $1'],
  [
    'cash_differs_from_activities',
    `update activities set amount = amount + 1 where $1 and type = 'fee' or $1 and type = 'deposit'`,
  ],
  ['flows_differ_from_activities', 'update account_flows set brought = brought + 1 where $1'],
  [
    'flow_brought_differs_from_activities',
    'update account_flows set brought = brought + 1, taken = taken + 1 where $1',
  ],
  ['flow_taken_differs_from_activities', 'update account_flows set brought = brought + 1, taken = taken + 1 where $1'],
  ['entry_of_no_journal', `delete from journals where kind = 'deposit'`],
  ['entry_of_no_journal', `delete from journals where kind = 'fill'`],
  ['entry_of_no_ledger_account', `delete from ledger_accounts where $1 and asset = 'USD'`],
  ['activity_differs_from_journal', `update journals set reference = reference || 'x' where kind = 'deposit'`],
  ['activity_differs_from_journal', `update journals set kind = 'withdrawal' where kind = 'deposit'`],
  ['activity_differs_from_journal', `update activities set journal_id = gen_random_uuid() where $1 and type = 'sell'`],
  ['journal_is_called_otherwise', `update journals set reference = reference || 'x' where kind = 'fill'`],
  [
    'journal_cash_differs_from_activities',
    `update activities set journal_id = (select journal_id from activities other where other.type = 'buy' limit 1) where $1 and type = 'sell'`,
  ],
  ['journal_shares_differ_from_activities', `update activities set qty = qty + 1 where $1 and type = 'buy'`],
  [
    'ledger_account_is_misfiled',
    `update ledger_accounts set may_go_negative = true, kind = 'house' where $1 and asset = 'USD'`,
  ],
  [
    'ledger_account_is_misfiled',
    `update accounts set currency = 'EUR' where id = (select account_id from positions where $1)`,
  ],
  ['ledger_account_is_misfiled', `update ledger_accounts set kind = 'position' where $1 and asset = 'USD'`],
  [
    'balance_below_zero',
    `update ledger_accounts set may_go_negative = true, kind = 'house', posted = reserved - 1 where $1 and asset = 'USD'`,
  ],
  [
    'account_has_another_owner',
    `update accounts set user_id = gen_random_uuid() where id = (select account_id from positions where $1)`,
  ],
  ['funding_differs_from_account', `update fundings set user_id = gen_random_uuid() where $1 and type = 'deposit'`],
  ['funding_differs_from_account', `update fundings set currency = 'CAD' where $1 and type = 'deposit'`],
  [
    'funding_differs_from_account',
    `update fundings set account_id = (select id from accounts where currency = 'CAD' limit 1) where $1 and type = 'deposit'`,
  ],
  ['activity_is_in_another_currency', `update activities set currency = 'EUR' where $1 and type = 'sell'`],
  ['journal_names_no_rate', 'delete from fx_rates'],
  ['execution_differs_from_activity', `delete from activities where $1 and type = 'sell'`],
  ['execution_differs_from_activity', 'delete from executions where $1 and qty > 0'],
  ['execution_differs_from_activity', 'update executions set amount = amount + 5 where $1 and qty > 0'],
  [
    'execution_differs_from_activity',
    'update activities set order_id = gen_random_uuid() where $1 and order_id is not null',
  ],
  [
    'clearing_differs_from_executions',
    `update entries set amount = amount - 1 where ledger_account_id in (select id from ledger_accounts where kind = 'clearing' and asset = 'AAPL')`,
  ],
  [
    'clearing_differs_from_executions',
    `delete from entries where ledger_account_id in (select id from ledger_accounts where kind = 'clearing' and asset = 'USD')`,
  ],
  [
    'trade_is_not_of_two_legs',
    `insert into executions (exec_id, trade_id, account_id, order_id, symbol, qty, amount, occurred_at, digest, journal_id)
      values ('x', 't', gen_random_uuid(), gen_random_uuid(), 'AAPL', 1, 1, now(), '', gen_random_uuid())`,
  ],
  ['order_traded_differs_from_executions', `update reservations set traded = traded + 1 where $1 and side = 'buy'`],
  [
    'order_fee_paid_differs_from_activities',
    `update reservations set fee_paid = fee_paid + 1 where $1 and side = 'buy'`,
  ],
  ['order_fee_cap_differs_from_schedule', `update reservations set fee_cap = fee_cap + 1 where $1 and side = 'buy'`],
  ['order_fees_differ_from_schedule', `update reservations set fee_paid = fee_paid + 1 where $1 and side = 'sell'`],
  [
    'order_remaining_differs_from_terms',
    `update reservations set principal = principal + 1000000 where $1 and side = 'buy'`,
  ],
  [
    'order_principal_differs_from_quantity',
    `update reservations set principal = principal + 1 where $1 and side = 'sell'`,
  ],
  ['order_is_open_but_filled', `update reservations set state = 'open', filled = qty where $1 and side = 'buy'`],
  [
    'reservation_hangs_on_another_account',
    `update reservations set ledger_account_id = (select id from ledger_accounts where kind = 'bank' limit 1) where $1 and side = 'buy'`,
  ],
  [
    'group_hold_differs_from_legs',
    `update reservations set remaining = remaining - 1 where $1 and group_leg = 1 and group_type = 'bracket'`,
  ],
  [
    'group_hold_differs_from_legs',
    `update reservations set filled = filled - 1 where $1 and group_leg = 0 and group_type = 'bracket'`,
  ],
  [
    'group_hold_differs_from_legs',
    `update reservations set state = 'closed', remaining = 0 where $1 and group_leg = 0 and group_type = 'oco'`,
  ],
  [
    'group_exits_trade_too_much',
    `update reservations set filled = filled + 3000000 where $1 and group_leg = 2 and group_type = 'bracket'`,
  ],
  ['group_is_not_whole', `delete from reservations where $1 and group_leg = 1 and group_type = 'bracket'`],
  [
    'group_is_not_whole',
    `update reservations set symbol = 'MSFT' where $1 and group_leg = 1 and group_type = 'bracket'`,
  ],
  [
    'group_is_not_whole',
    `update reservations set side = case side when 'buy' then 'sell' else 'buy' end where $1 and group_leg = 1`,
  ],
  ['average_cost_differs_from_movements', 'update positions set average_cost = average_cost + 1 where $1'],
  ['realised_differs_from_closings', `update activities set realised = realised + 1 where $1 and type = 'sell'`],
  ['lot_is_not_closed_when_spent', 'update lots set closed_at = now() where $1 and remaining > 0'],
  [
    'dividend_differs_from_action',
    `with action as (
        insert into corporate_actions (id, symbol, type, per_share, currency, applied_at, digest)
        values ('d', 'AAPL', 'cash_dividend', 1000000, 'USD', now(), '') returning id)
      insert into corporate_action_accounts (action_id, account_id, qty, done_at)
      select id, gen_random_uuid(), 1000000, now() from action`,
  ],
  [
    'split_qty_differs_from_lots',
    `insert into activities (account_id, occurred_at, id, type, symbol, qty, amount, currency, journal_id, reference)
      select account_id, occurred_at, gen_random_uuid(), 'split', symbol, 5, 0, currency, journal_id, 's' from activities where $1 and type = 'buy' limit 1`,
  ],
  [
    'split_cash_differs_from_lots',
    `insert into activities (account_id, occurred_at, id, type, symbol, qty, amount, currency, journal_id, reference)
      select account_id, occurred_at, gen_random_uuid(), 'split', symbol, 0, 5, currency, journal_id, 's' from activities where $1 and type = 'buy' limit 1`,
  ],
];
