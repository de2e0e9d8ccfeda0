-- Divides, and rounds a half to the even neighbour. Division of numerics is rounded itself, which would make a half of 0.49999999999999999: the
-- quotient and what is left are taken exactly.
create or replace function half_even(dividend numeric, divisor numeric) returns numeric language sql immutable as $$
  select case
    when 2 * part.rest > divisor then part.whole + 1
    when 2 * part.rest = divisor then part.whole + mod(abs(part.whole), 2)
    else part.whole
  end
  from (
    select case when cut.rest < 0 then cut.whole - 1 else cut.whole end as whole,
      case when cut.rest < 0 then cut.rest + divisor else cut.rest end as rest
    from (select div(dividend, divisor) as whole, mod(dividend, divisor) as rest) cut
  ) part
$$;
