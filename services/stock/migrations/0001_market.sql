create extension if not exists pg_trgm;

create table instruments (
  symbol text collate "C" primary key,
  name text not null,
  exchange text not null,
  sector text not null,
  type text not null check (type in ('equity', 'etf')),
  currency text not null,
  tick bigint not null check (tick > 0),
  tick_below_one bigint not null check (tick_below_one > 0),
  lot bigint not null check (lot > 0),
  fractionable boolean not null,
  tradable boolean not null,
  halt_reason text,
  halted_at_us bigint,
  base_price bigint not null check (base_price > 0),
  min_notional bigint not null check (min_notional >= 0),
  max_qty bigint not null check (max_qty > 0),
  max_price bigint not null check (max_price > 0),
  version bigint not null check (version > 0),
  volatility_ppm integer not null,
  daily_volume integer not null,
  changed_at timestamptz not null default clock_timestamp(),
  check ((halt_reason is null) = (halted_at_us is null))
);
-- A search looks at the beginning of the name, at its words and, when those say nothing, at what sounds alike.
create index instruments_by_name on instruments (lower(name) text_pattern_ops);
create index instruments_by_trigrams on instruments using gin (lower(name) gin_trgm_ops);
create index instruments_by_change on instruments (changed_at);

-- What the engine was last told of the session: one row.
create table market_session (
  single boolean primary key default true check (single),
  hours text not null,
  state text not null check (state in ('closed', 'pre', 'regular', 'after')),
  at_us bigint not null,
  -- When the engine's log was made: another log knows nothing of what was said in this one.
  log_made_at text not null
);

create table corporate_actions (
  id uuid primary key,
  symbol text collate "C" not null references instruments (symbol),
  type text not null check (type in ('split', 'cash_dividend')),
  ratio_to bigint not null,
  ratio_from bigint not null,
  amount bigint not null,
  currency text not null,
  ex_date text not null,
  reference_px bigint not null check (reference_px > 0),
  applied_at_us bigint not null,
  effective_at_us bigint not null,
  -- A split is over once the ledger has it too; only then does trading go on.
  posted boolean not null default false,
  resumed boolean not null default false,
  applied_by text not null
);
create index corporate_actions_by_symbol on corporate_actions (symbol, applied_at_us, id);
create index corporate_actions_unfinished on corporate_actions (applied_at_us) where not resumed;

-- Bars of our own trades. Days are kept beside minutes so that a chart of years reads few rows.
create table venue_bars (
  symbol text collate "C" not null,
  timeframe text not null check (timeframe in ('minute', 'day')),
  starts_at_us bigint not null,
  open bigint not null,
  high bigint not null,
  low bigint not null,
  close bigint not null,
  volume bigint not null,
  primary key (symbol, timeframe, starts_at_us)
);
