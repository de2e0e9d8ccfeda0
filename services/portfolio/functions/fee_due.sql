-- What an order that has traded this much owes in all: feeDue of domain/fee-schedule.ts.
create or replace function fee_due(schedule fee_schedules, qty numeric, amount numeric) returns numeric language sql immutable as $$
  select case when qty = 0 then 0 else least(
    greatest(
      schedule.per_order + half_even(schedule.per_share * qty, 1000000) + half_even(amount * schedule.basis_points, 10000000000),
      schedule.minimum),
    coalesce(schedule.maximum, 9223372036854775807)) end
$$;
