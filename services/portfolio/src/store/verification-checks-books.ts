/** Of journals, entries and whose they are. See verification-checks.ts. */
export const bookChecks: readonly string[] = [
  `
    select 'entry_of_no_journal', 'journal/' || journal_id, null, null, sum(amount)
      from entries entry
      where not exists (select 1 from journals journal where journal.id = entry.journal_id)
      group by journal_id`,
  `
    select 'entry_of_no_ledger_account', 'ledger_account/' || ledger_account_id, null, null, sum(amount)
      from entries entry
      where not exists (select 1 from ledger_accounts account where account.id = entry.ledger_account_id)
      group by ledger_account_id`,
  `
    -- A line of what a client was shown names its journal, and the two say the same.
    select 'activity_differs_from_journal', 'activity/' || line.id, line.currency, null, line.amount
      from activities line
      left join journals journal on journal.id = line.journal_id
      where journal.id is null
        or (journal.reference not like 'batch/%' and journal.reference <> line.reference)
        or journal.kind <> all (case line.type
          when 'buy' then array['fill'] when 'sell' then array['fill']
          when 'transfer_in' then array['transfer', 'fx'] when 'transfer_out' then array['transfer', 'fx']
          else array[line.type] end)`,
  `
    -- A journal that many share is called after itself, one of a single fill after the fill.
    select 'journal_is_called_otherwise', 'journal/' || journal.id, null, null, null
      from journals journal
      where (journal.reference like 'batch/%' and journal.reference <> 'batch/' || journal.id)
        or (journal.kind = 'fill' and journal.reference not like 'batch/%'
          and not exists (select 1 from executions execution where execution.exec_id = journal.reference))`,
  `
    -- What a journal did to a client's money is what the client was shown of it.
    select 'journal_cash_differs_from_activities', 'journal/' || coalesce(entered.journal_id, shown.journal_id), coalesce(entered.asset, shown.currency), coalesce(shown.amount, 0), coalesce(entered.amount, 0)
      from (
        select entry.journal_id, account.account_id, account.asset, sum(entry.amount) as amount
          from entries entry join ledger_accounts account on account.id = entry.ledger_account_id and account.kind = 'cash'
          group by entry.journal_id, account.account_id, account.asset
      ) entered
      full join (
        select journal_id, account_id, currency, sum(amount) as amount from activities group by journal_id, account_id, currency
      ) shown on shown.journal_id = entered.journal_id and shown.account_id = entered.account_id and shown.currency = entered.asset
      where coalesce(shown.amount, 0) <> coalesce(entered.amount, 0)`,
  `
    -- And to a client's shares.
    select 'journal_shares_differ_from_activities', 'journal/' || coalesce(entered.journal_id, shown.journal_id), coalesce(entered.asset, shown.symbol), coalesce(shown.qty, 0), coalesce(entered.amount, 0)
      from (
        select entry.journal_id, account.account_id, account.asset, sum(entry.amount) as amount
          from entries entry join ledger_accounts account on account.id = entry.ledger_account_id and account.kind = 'position'
          group by entry.journal_id, account.account_id, account.asset
      ) entered
      full join (
        select journal_id, account_id, symbol, sum(case type when 'sell' then -qty else qty end) as qty
          from activities where type in ('buy', 'sell', 'adjustment', 'split') and symbol is not null
          group by journal_id, account_id, symbol
      ) shown on shown.journal_id = entered.journal_id and shown.account_id = entered.account_id and shown.symbol = entered.asset
      where coalesce(shown.qty, 0) <> coalesce(entered.amount, 0)`,
  `
    -- Only the system and the house go below zero, and what an account holds is of its kind.
    select 'ledger_account_is_misfiled', 'ledger_account/' || ledger.id, ledger.asset, null, ledger.posted
      from ledger_accounts ledger
      left join accounts account on account.id = ledger.account_id
      where case
        when account.kind is null then ledger.kind is distinct from case left(ledger.account_id::text, 24)
          when '00000000-0000-0000-0001-' then 'clearing' when '00000000-0000-0000-0002-' then 'fees' when '00000000-0000-0000-0003-' then 'bank'
          when '00000000-0000-0000-0004-' then 'fx' when '00000000-0000-0000-0005-' then 'house' end
        when account.kind = 'house' then ledger.kind <> 'house'
        else ledger.kind <> case when ledger.asset = account.currency then 'cash' else 'position' end
          or (ledger.kind = 'position' and ledger.asset in ('USD', 'CAD', 'EUR', 'GBP'))
      end or (ledger.kind in ('cash', 'position') and ledger.may_go_negative)`,
  `
    select 'balance_below_zero', 'ledger_account/' || ledger.id, ledger.asset, ledger.reserved, ledger.posted
      from ledger_accounts ledger join accounts account on account.id = ledger.account_id and account.kind <> 'house'
      where ledger.posted < ledger.reserved`,
  `
    -- An account is its owner's from the opening on, but for an erasure.
    select 'account_has_another_owner', 'account/' || account.id, null, null, null
      from accounts account
      left join (
        select distinct on (account_id) account_id, user_id from account_owners order by account_id, sequence desc
      ) known on known.account_id = account.id
      where known.user_id is distinct from account.user_id`,
  `
    -- A funding is its account's owner's, in its currency, and booked on it.
    select 'funding_differs_from_account', 'funding/' || funding.id, funding.currency, null, funding.amount
      from fundings funding
      left join accounts account on account.id = funding.account_id
      left join activities line on line.reference = funding.id::text and line.type = funding.type
      where account.id is null or account.user_id <> funding.user_id or account.currency <> funding.currency
        or line.account_id <> funding.account_id`,
  `
    select 'activity_is_in_another_currency', 'activity/' || line.id, line.currency, null, line.amount
      from activities line join accounts account on account.id = line.account_id
      where line.currency <> account.currency`,
  `
    select 'journal_names_no_rate', 'journal/' || journal.id, null, null, null
      from journals journal
      where (journal.fx_rate_id is not null and not exists (select 1 from fx_rates rate where rate.id = journal.fx_rate_id))
        or (journal.fee_schedule_id is not null and not exists (select 1 from fee_schedules schedule where schedule.id = journal.fee_schedule_id))
        or (journal.kind = 'fx' and journal.fx_rate_id is null) or (journal.kind = 'fee' and journal.fee_schedule_id is null)`,
  `
    -- What was ever brought and what was ever taken, each for itself.
    select 'flow_' || item || '_differs_from_activities', 'account/' || account_id, null, expected, actual
      from (
        select flow.account_id, flow.brought, flow.taken,
            coalesce(sum(greatest(line.amount + line.in_kind, 0)), 0) as in_all, coalesce(sum(greatest(-(line.amount + line.in_kind), 0)), 0) as out_all
          from account_flows flow
          left join activities line on line.account_id = flow.account_id
            and line.type in ('deposit', 'withdrawal', 'transfer_in', 'transfer_out', 'adjustment')
          group by flow.account_id
      ) compared
      cross join lateral (values ('brought', in_all, brought), ('taken', out_all, taken)) as pairs (item, expected, actual)
      where expected <> actual`,
];

/** Where a service stands around the ledger: what was moved was asked for, and what was settled was told, as far back as the outbox reaches. */
export const serviceChecks: readonly string[] = [
  `
    select 'activity_of_no_funding', 'activity/' || line.id, line.currency, null, line.amount
      from activities line
      left join fundings funding on funding.id::text = line.reference
      where line.type in ('deposit', 'withdrawal') and funding.id is null`,
  `
    select 'events_differ_from_activities', 'account/' || account_id, null, settled, told
      from (
        select coalesce(line.account_id, event.account_id) as account_id, coalesce(line.settled, 0) as settled, coalesce(event.told, 0) as told
          from (
            select line.account_id, count(*) as settled
              from activities line join journals journal on journal.id = line.journal_id
              where line.type in ('buy', 'sell') and journal.posted_at >= (select min(created_at) from outbox)
              group by line.account_id
          ) line
          full join (
            select split_part(subject, '.', 4)::uuid as account_id, count(*) as told
              from outbox where subject like 'portfolio.fill.settled.%' group by 1
          ) event on event.account_id = line.account_id
      ) compared
      where settled <> told`,
];
