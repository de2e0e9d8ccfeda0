-- An exchange is made at a fraction that is kept whole: what was given times the numerator over the denominator, rounded down. `rate` is that
-- fraction as it is shown. Those of before have none and were rounded half-even at their rate.
alter table fx_rates
  add column numerator numeric check (numerator > 0),
  add column denominator numeric check (denominator > 0),
  -- What the house keeps, in micro-units of one; the fraction has it taken off already.
  add column spread bigint not null default 0 check (spread between 0 and 1000000),
  add column source text not null default '';
