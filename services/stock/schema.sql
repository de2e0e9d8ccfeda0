-- What the migrations and functions make, for reading. Written by `npx vitest run test/schema -u`, compared by `test/schema.test.ts`.

create extension pg_trgm;

create table corporate_actions (
  id uuid not null,
  symbol text not null,
  type text not null,
  ratio_to bigint not null,
  ratio_from bigint not null,
  amount bigint not null,
  currency text not null,
  ex_date text not null,
  reference_px bigint not null,
  applied_at_us bigint not null,
  effective_at_us bigint not null,
  posted boolean not null default false,
  resumed boolean not null default false,
  applied_by text not null,
  constraint corporate_actions_pkey PRIMARY KEY (id),
  constraint corporate_actions_symbol_fkey FOREIGN KEY (symbol) REFERENCES instruments(symbol),
  constraint corporate_actions_reference_px_check CHECK (reference_px > 0),
  constraint corporate_actions_type_check CHECK (type = ANY (ARRAY['split'::text, 'cash_dividend'::text]))
);
CREATE INDEX corporate_actions_by_symbol ON corporate_actions USING btree (symbol, applied_at_us, id);
CREATE INDEX corporate_actions_unfinished ON corporate_actions USING btree (applied_at_us) WHERE (NOT resumed);

create table instruments (
  symbol text not null,
  name text not null,
  exchange text not null,
  sector text not null,
  type text not null,
  currency text not null,
  tick bigint not null,
  tick_below_one bigint not null,
  lot bigint not null,
  fractionable boolean not null,
  tradable boolean not null,
  halt_reason text,
  halted_at_us bigint,
  base_price bigint not null,
  min_notional bigint not null,
  max_qty bigint not null,
  max_price bigint not null,
  version bigint not null,
  volatility_ppm integer not null,
  daily_volume integer not null,
  changed_at timestamp with time zone not null default clock_timestamp(),
  constraint instruments_pkey PRIMARY KEY (symbol),
  constraint instruments_base_price_check CHECK (base_price > 0),
  constraint instruments_check CHECK ((halt_reason IS NULL) = (halted_at_us IS NULL)),
  constraint instruments_lot_check CHECK (lot > 0),
  constraint instruments_max_price_check CHECK (max_price > 0),
  constraint instruments_max_qty_check CHECK (max_qty > 0),
  constraint instruments_min_notional_check CHECK (min_notional >= 0),
  constraint instruments_tick_below_one_check CHECK (tick_below_one > 0),
  constraint instruments_tick_check CHECK (tick > 0),
  constraint instruments_type_check CHECK (type = ANY (ARRAY['equity'::text, 'etf'::text])),
  constraint instruments_version_check CHECK (version > 0)
);
CREATE INDEX instruments_by_change ON instruments USING btree (changed_at);

create table market_session (
  single boolean not null default true,
  hours text not null,
  state text not null,
  at_us bigint not null,
  log_made_at text not null,
  constraint market_session_pkey PRIMARY KEY (single),
  constraint market_session_single_check CHECK (single),
  constraint market_session_state_check CHECK (state = ANY (ARRAY['closed'::text, 'pre'::text, 'regular'::text, 'after'::text]))
);

create table venue_bars (
  symbol text not null,
  timeframe text not null,
  starts_at_us bigint not null,
  open bigint not null,
  high bigint not null,
  low bigint not null,
  close bigint not null,
  volume bigint not null,
  constraint venue_bars_pkey PRIMARY KEY (symbol, timeframe, starts_at_us),
  constraint venue_bars_timeframe_check CHECK (timeframe = ANY (ARRAY['minute'::text, 'day'::text]))
);
