-- Gives back all that the reservations still hold; those already closed give nothing. `only_account_ids` has null where any will do.
create or replace function release_batch(reservation_ids uuid[], only_account_ids uuid[])
returns table (ordinal int, outcome text, freed bigint)
language plpgsql
  set plan_cache_mode = force_custom_plan set random_page_cost = 0.1
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  perform 1
    from (select distinct held.ledger_account_id from unnest(reservation_ids) asked join reservations held on held.id = asked) named
    join ledger_accounts account on account.id = named.ledger_account_id
    order by account.id for update of account;

  return query
    with asked as (
      select asked.ordinal, asked.id, held.state, held.remaining, held.ledger_account_id,
          held.id is not null and held.account_id = coalesce(asked.account_id, held.account_id) as found,
          row_number() over (partition by asked.id order by asked.ordinal) = 1 as first
        from unnest(reservation_ids, only_account_ids) with ordinality as asked (id, account_id, ordinal)
        left join reservations held on held.id = asked.id
    ),
    closing as (select * from asked where found and first and state = 'open'),
    closed as (
      update reservations held set state = 'closed', remaining = 0, closed_at = now()
        from closing where held.id = closing.id
    ),
    released as (
      update ledger_accounts account set reserved = account.reserved - given.total
        from (select ledger_account_id, sum(remaining)::bigint as total from closing group by ledger_account_id) given
        where account.id = given.ledger_account_id
    )
    select asked.ordinal::int,
        case when not asked.found then 'not_found' when asked.state = 'closed' or not asked.first then 'closed' else 'released' end,
        case when asked.found and asked.first and asked.state = 'open' then asked.remaining else 0 end
      from asked order by asked.ordinal;
end
$$;
