-- What verification computes again, and what it needs a second record of.

-- What an order that has traded this much owes in all: feeDue of domain/fee-schedule.ts.
create function fee_due(schedule fee_schedules, qty numeric, amount numeric) returns numeric language sql immutable as $$
  select case when qty = 0 then 0 else least(
    greatest(
      schedule.per_order + half_even(schedule.per_share * qty, 1000000) + half_even(amount * schedule.basis_points, 10000000000),
      schedule.minimum),
    coalesce(schedule.maximum, 9223372036854775807)) end
$$;

-- What the shares left cost by the average, purchase by purchase and sale by sale: bought and sold of domain/position.ts. The state is the
-- quantity and that cost.
create function add_to_average(state numeric[], qty numeric, cost numeric) returns numeric[] language sql immutable as $$
  select case
    when qty >= 0 then array[state[1] + qty, state[2] + cost]
    when state[1] = 0 then array[state[1] + qty, state[2]]
    else array[state[1] + qty, half_even(state[2] * (state[1] + qty), state[1])]
  end
$$;
create aggregate average_cost(numeric, numeric) (sfunc = add_to_average, stype = numeric[], initcond = '{0,0}');

-- Whose an account is, as it was opened and as erasure changed it: nothing else may.
create table account_owners (
  sequence bigint generated always as identity primary key,
  account_id uuid not null,
  user_id uuid not null,
  since timestamptz not null default now()
);
create index account_owners_by_account on account_owners (account_id, sequence);
insert into account_owners (account_id, user_id, since) select id, user_id, opened_at from accounts;
create trigger account_owners_append_only before update or delete or truncate on account_owners
  for each statement execute function refuse_change();
create function note_owner() returns trigger language plpgsql as $$
begin
  insert into account_owners (account_id, user_id) values (new.id, new.user_id);
  return null;
end
$$;
create trigger accounts_owned after insert on accounts for each row execute function note_owner();

drop view findings;
