-- Reserves for a batch of orders, in one call: it happens on every order, and locks are held for no round trip. Who may trade is the caller's to
-- say, in the statuses and kinds given: the rule is written down once, in domain/account.ts. `currencies`: what the order trades in, null where
-- nobody knows. Requests are answered in the order given, each on what the ones before it left, so of many that do not all fit the first ones do.
-- The order ids of one call are distinct, and what a request adds up to fits an int64: the caller has seen to both.
-- Outcomes: reserved; repeated (as before); closed (as before, and over); mismatch (the id is taken by another request);
-- account_refused (see status and kind); wrong_currency (the account is kept in another); insufficient.
create or replace function reserve_orders(
  order_ids uuid[], account_ids uuid[], user_ids uuid[], sides text[], symbols text[], assets text[], currencies text[],
  qtys bigint[], principals bigint[], limit_prices bigint[], fee_caps bigint[], fee_schedule_ids uuid[],
  trading_statuses text[], trading_kinds text[]
) returns table (ordinal int, outcome text, remaining bigint, available bigint, account_status text, account_kind text)
language plpgsql
  set plan_cache_mode = force_generic_plan set random_page_cost = 0.1
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  wanted bigint[];
  request record;
  current_ledger bigint;
  free bigint;
  needed bigint;
  decided text[] := array_fill(null::text, array[cardinality(order_ids)]);
  ledger_ids bigint[] := array_fill(null::bigint, array[cardinality(order_ids)]);
  frees bigint[] := array_fill(0::bigint, array[cardinality(order_ids)]);
  held bigint[] := array_fill(0::bigint, array[cardinality(order_ids)]);
  statuses text[] := array_fill(null::text, array[cardinality(order_ids)]);
  kinds text[] := array_fill(null::text, array[cardinality(order_ids)]);
  accepted int := 0;
  written int;
begin
  -- Every look-up is fenced: a kept plan then goes by the key that it is given, whatever the tables held when it was made.
  select array_agg(distinct named.id) into wanted
    from unnest(account_ids, assets) as asked (account_id, asset)
    cross join lateral (
      select id from ledger_accounts where account_id = asked.account_id and asset = asked.asset offset 0
    ) named;
  perform 1 from ledger_accounts account where account.id = any (wanted) order by account.id for update;

  -- A statement after the locks: what it sees cannot change before we are done.
  for request in
    select asked.user_id, asked.principal, asked.fee_cap, asked.currency as traded_in,
        ledger.id as ledger_id, ledger.posted - ledger.reserved as available,
        account.user_id as owner, account.status, account.kind, account.currency,
        before.id is not null as known, before.state, before.remaining,
        before.ledger_account_id = ledger.id and before.side = asked.side and before.symbol = asked.symbol
          and coalesce(before.asked_qty, before.qty) = asked.qty
          and coalesce(before.asked_principal, before.principal) = asked.principal
          and before.limit_price is not distinct from asked.limit_price and before.replaces is null as same,
        asked.ordinal
      from unnest(order_ids, account_ids, user_ids, sides, symbols, assets, currencies, qtys, principals, limit_prices, fee_caps)
        with ordinality as asked
          (order_id, account_id, user_id, side, symbol, asset, currency, qty, principal, limit_price, fee_cap, ordinal)
      left join lateral (select * from accounts where id = asked.account_id offset 0) account on true
      left join lateral (
        select id, posted, reserved from ledger_accounts where account_id = asked.account_id and asset = asked.asset offset 0
      ) ledger on true
      left join lateral (select * from reservations where id = asked.order_id offset 0) before on true
      order by ledger.id nulls last, asked.ordinal
  loop
    if request.ledger_id is distinct from current_ledger or current_ledger is null then
      current_ledger := request.ledger_id;
      free := coalesce(request.available, 0);
    end if;
    needed := request.principal + request.fee_cap;
    statuses[request.ordinal] := request.status;
    kinds[request.ordinal] := request.kind;
    if request.owner is null or request.owner is distinct from coalesce(request.user_id, request.owner) then
      decided[request.ordinal] := 'account_not_found';
    elsif request.known then
      decided[request.ordinal] := case
        when request.same is not true then 'mismatch'
        when request.state = 'closed' then 'closed'
        else 'repeated' end;
      held[request.ordinal] := request.remaining;
    elsif not (request.status = any (trading_statuses) and request.kind = any (trading_kinds)) then
      decided[request.ordinal] := 'account_refused';
    elsif request.traded_in <> request.currency then
      decided[request.ordinal] := 'wrong_currency';
    elsif needed > free then
      decided[request.ordinal] := 'insufficient';
    else
      decided[request.ordinal] := 'reserved';
      free := free - needed;
      held[request.ordinal] := needed;
      ledger_ids[request.ordinal] := request.ledger_id;
      accepted := accepted + 1;
    end if;
    frees[request.ordinal] := free;
  end loop;

  if accepted > 0 then
    -- In the order of id, so that two batches that were given the same ids wait for each other in one direction only.
    insert into reservations as made
        (id, purpose, ledger_account_id, account_id, side, symbol, qty, principal, limit_price, fee_cap, remaining, fee_schedule_id)
      select asked.order_id, 'order', asked.ledger_id, asked.account_id, asked.side, asked.symbol,
          asked.qty, asked.principal, asked.limit_price, asked.fee_cap, asked.held, asked.fee_schedule_id
        from unnest(order_ids, ledger_ids, account_ids, sides, symbols, qtys, principals, limit_prices, fee_caps, held,
            fee_schedule_ids, decided)
          as asked (order_id, ledger_id, account_id, side, symbol, qty, principal, limit_price, fee_cap, held, fee_schedule_id, decided)
        where asked.decided = 'reserved'
        order by asked.order_id
      on conflict do nothing;
    get diagnostics written = row_count;
    -- The same id was reserved on another account at this very moment: tried again, it is seen.
    if written <> accepted then
      raise exception 'an order id was reserved elsewhere meanwhile' using errcode = 'serialization_failure';
    end if;
    update ledger_accounts account set reserved = account.reserved + taken.total
      from (
        select asked.ledger_id, sum(asked.held)::bigint as total
          from unnest(ledger_ids, held) as asked (ledger_id, held)
          where asked.ledger_id is not null
          group by asked.ledger_id
      ) taken
      where account.id = taken.ledger_id;
  end if;

  return query
    select answer.ordinal::int, answer.outcome, answer.remaining, answer.available, answer.status, answer.kind
      from unnest(decided, held, frees, statuses, kinds)
        with ordinality as answer (outcome, remaining, available, status, kind, ordinal)
      order by answer.ordinal;
end
$$;
