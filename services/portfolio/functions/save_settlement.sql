-- All that a batch of fills and order changes writes, in one call. What it says was computed under the locks of the ledger accounts named,
-- which the caller still holds. Rows that follow from a fill name it by its place among the f_ arrays, counted from 1, so that nothing is sent twice.
-- Plans are kept: every row that is looked up is found by its primary key.
create or replace function save_settlement(
  -- ledger accounts: id, what is posted and reserved, version
  l_ids bigint[], l_posted bigint[], l_reserved bigint[], l_versions bigint[],
  -- journals
  j_ids uuid[], j_kinds text[], j_references text[], j_at bigint[], j_schedules uuid[],
  -- fills, with the place of their journal
  f_exec text[], f_trade text[], f_account uuid[], f_order uuid[], f_symbol text[], f_qty bigint[], f_amount bigint[], f_price bigint[],
  f_at bigint[], f_digest text[], f_journal int[],
  -- entries: ledger account, place of the journal, amount, balance and version after it, place of the fill or 0
  e_ledger bigint[], e_journal int[], e_amount bigint[], e_balance bigint[], e_version bigint[], e_fill int[],
  -- reservations
  r_ids uuid[], r_states text[], r_qty bigint[], r_filled bigint[], r_carried bigint[], r_principal bigint[], r_remaining bigint[],
  r_traded bigint[], r_fee_paid bigint[],
  -- positions, by the place of a fill of theirs
  p_fill int[], p_qty bigint[], p_cost bigint[], p_average bigint[], p_bought bigint[], p_sold bigint[], p_at bigint[],
  -- lots that fills opened
  o_fill int[], o_cost bigint[], o_remaining bigint[], o_proceeds bigint[], o_at bigint[],
  -- activities: place of the fill, id, type, cash, realised, currency, place of the journal
  a_fill int[], a_ids uuid[], a_types text[], a_amount bigint[], a_realised bigint[], a_currency text[], a_journal int[]
) returns void language plpgsql
  set plan_cache_mode = force_generic_plan set random_page_cost = 0.1
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
  update ledger_accounts account set posted = new.posted, reserved = new.reserved, version = new.version
    from unnest(l_ids, l_posted, l_reserved, l_versions) as new (id, posted, reserved, version)
    where account.id = new.id;

  if cardinality(j_ids) > 0 then
    insert into journals (id, kind, reference, occurred_at, fee_schedule_id)
      select id, kind, reference, to_timestamp(at_us::float8 / 1e6), schedule
        from unnest(j_ids, j_kinds, j_references, j_at, j_schedules) as new (id, kind, reference, at_us, schedule);
    insert into entries (journal_id, ledger_account_id, amount, balance_after, version, reference)
      select j_ids[journal], ledger, amount, balance, version, f_exec[nullif(fill, 0)]
        from unnest(e_ledger, e_journal, e_amount, e_balance, e_version, e_fill) as new (ledger, journal, amount, balance, version, fill);
    insert into executions (exec_id, trade_id, account_id, order_id, symbol, qty, amount, occurred_at, digest, journal_id)
      select exec, nullif(trade, ''), account, order_id, symbol, qty, amount, to_timestamp(at_us::float8 / 1e6), digest, j_ids[journal]
        from unnest(f_exec, f_trade, f_account, f_order, f_symbol, f_qty, f_amount, f_at, f_digest, f_journal)
          as new (exec, trade, account, order_id, symbol, qty, amount, at_us, digest, journal);
  end if;

  if cardinality(r_ids) > 0 then
    update reservations held set asked_qty = coalesce(held.asked_qty, nullif(held.qty, new.qty)),
        asked_principal = coalesce(held.asked_principal, nullif(held.principal, new.principal)),
        state = new.state, qty = new.qty, filled = new.filled, carried = new.carried, principal = new.principal,
        remaining = new.remaining, traded = new.traded, fee_paid = new.fee_paid,
        closed_at = case when new.state = 'closed' then coalesce(held.closed_at, now()) end
      from unnest(r_ids, r_states, r_qty, r_filled, r_carried, r_principal, r_remaining, r_traded, r_fee_paid)
        as new (id, state, qty, filled, carried, principal, remaining, traded, fee_paid)
      where held.id = new.id;
  end if;

  if cardinality(p_fill) > 0 then
    insert into positions as known (account_id, symbol, qty, cost, average_cost, bought, sold, opened_at, updated_at)
      select f_account[fill], f_symbol[fill], qty, cost, average, bought, sold,
          to_timestamp(at_us::float8 / 1e6), to_timestamp(at_us::float8 / 1e6)
        from unnest(p_fill, p_qty, p_cost, p_average, p_bought, p_sold, p_at) as new (fill, qty, cost, average, bought, sold, at_us)
      on conflict (account_id, symbol) do update set qty = excluded.qty, cost = excluded.cost,
        average_cost = excluded.average_cost, bought = excluded.bought, sold = excluded.sold, updated_at = excluded.updated_at,
        opened_at = case when known.qty = 0 then excluded.opened_at else known.opened_at end;
    -- In the order the fills came, which is the order they will be sold in.
    insert into lots (account_id, id, symbol, opened_at, closed_at, qty, cost, remaining, proceeds)
      select f_account[fill], f_exec[fill], f_symbol[fill], to_timestamp(f_at[fill]::float8 / 1e6),
          case when remaining = 0 then to_timestamp(at_us::float8 / 1e6) end, f_qty[fill], cost, remaining, proceeds
        from unnest(o_fill, o_cost, o_remaining, o_proceeds, o_at) with ordinality as new (fill, cost, remaining, proceeds, at_us, place)
        order by place;
    insert into activities
        (account_id, occurred_at, id, type, symbol, qty, price, amount, currency, journal_id, reference, order_id, realised)
      select f_account[fill], to_timestamp(f_at[fill]::float8 / 1e6), id, type, f_symbol[fill], abs(f_qty[fill]), f_price[fill], amount,
          currency, j_ids[journal], f_exec[fill], f_order[fill], realised
        from unnest(a_fill, a_ids, a_types, a_amount, a_realised, a_currency, a_journal)
          as new (fill, id, type, amount, realised, currency, journal);
  end if;
end
$$;
