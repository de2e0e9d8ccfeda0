-- What the shares left cost by the average, purchase by purchase and sale by sale: bought and sold of domain/position.ts. The state is the
-- quantity and that cost.
create or replace function add_to_average(state numeric[], qty numeric, cost numeric) returns numeric[] language plpgsql immutable as $$
begin
  if qty >= 0 then return array[state[1] + qty, state[2] + cost]; end if;
  if state[1] = 0 then return array[state[1] + qty, state[2]]; end if;
  return array[state[1] + qty, half_even(state[2] * (state[1] + qty), state[1])];
end
$$;

create or replace aggregate average_cost(numeric, numeric) (sfunc = add_to_average, stype = numeric[], initcond = '{0,0}');
