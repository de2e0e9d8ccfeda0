-- A journal's entries come in one statement, add up to nothing asset by asset, and end where their ledger accounts, updated just
-- before, say they stand. Here and wherever a batch is looked up, plans are kept, and each look-up is fenced (`offset 0`), so that it goes
-- through the key that it is given: a plan made while a table was small would else read all of it for as long as it is kept.
create or replace function check_entries() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan set random_page_cost = 0.1
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  wrong record;
begin
  with booked as materialized (
    select added.journal_id, added.ledger_account_id, added.amount, added.balance_after, added.version,
        account.asset, account.posted, account.version as last_version
      from added left join lateral (
        select asset, posted, version from ledger_accounts where id = added.ledger_account_id offset 0
      ) account on true
  )
  select * into wrong from (
    select 'journal ' || journal_id || ' is off by ' || sum(amount) || ' ' || coalesce(asset, 'of no ledger account') as what,
        'entries_balance' as which
      from booked group by journal_id, asset having sum(amount) <> 0 or asset is null
    union all
    select 'ledger account ' || ledger_account_id || ' does not stand where its last entry says', 'entries_follow_balance'
      from booked group by ledger_account_id, posted, last_version
      having max(version) <> last_version or max(balance_after) filter (where version = last_version) <> posted
    union all
    select 'there is no journal ' || journal_id, 'entries_journal'
      from (select distinct journal_id from booked) named
      left join lateral (select id from journals where id = named.journal_id offset 0) journal on true
      where journal.id is null
  ) found
  limit 1;
  if found then
    raise exception '%', wrong.what using errcode = 'check_violation', constraint = wrong.which;
  end if;
  return null;
end
$$;
