-- What the migrations and functions make, for reading. Written by `npx vitest run test/schema -u`, compared by `test/schema.test.ts`.

create sequence account_numbers;

create table account_flows (
  account_id uuid not null,
  brought bigint not null default 0,
  taken bigint not null default 0,
  constraint account_flows_pkey PRIMARY KEY (account_id),
  constraint account_flows_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint account_flows_brought_check CHECK (brought >= 0),
  constraint account_flows_taken_check CHECK (taken >= 0)
) with (fillfactor = 60);

create table account_owners (
  sequence bigint not null generated always as identity,
  account_id uuid not null,
  user_id uuid not null,
  since timestamp with time zone not null default now(),
  constraint account_owners_pkey PRIMARY KEY (sequence)
);
CREATE INDEX account_owners_by_account ON account_owners USING btree (account_id, sequence);
CREATE TRIGGER account_owners_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON account_owners FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

create table accounts (
  id uuid not null,
  user_id uuid not null,
  number text not null,
  kind text not null,
  currency text not null,
  name text not null,
  status text not null default 'active'::text,
  settings jsonb not null default '{}'::jsonb,
  opened_at timestamp with time zone not null default now(),
  closed_at timestamp with time zone,
  constraint accounts_pkey PRIMARY KEY (id),
  constraint accounts_number_key UNIQUE (number),
  constraint accounts_check CHECK ((status = 'closed'::text) = (closed_at IS NOT NULL)),
  constraint accounts_currency_check CHECK (currency = ANY (ARRAY['USD'::text, 'CAD'::text, 'EUR'::text, 'GBP'::text])),
  constraint accounts_kind_check CHECK (kind = ANY (ARRAY['savings'::text, 'chequing'::text, 'investment'::text, 'house'::text])),
  constraint accounts_name_check CHECK (length(name) >= 1 AND length(name) <= 60),
  constraint accounts_status_check CHECK (status = ANY (ARRAY['active'::text, 'restricted'::text, 'closed'::text]))
);
CREATE INDEX accounts_by_user ON accounts USING btree (user_id, opened_at, id);
CREATE TRIGGER accounts_owned AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION note_owner();

create table activities (
  account_id uuid not null,
  occurred_at timestamp with time zone not null,
  id uuid not null,
  type text not null,
  symbol text,
  qty bigint,
  price bigint,
  amount bigint not null,
  currency text not null,
  journal_id uuid not null,
  reference text not null,
  order_id uuid,
  realised bigint not null default 0,
  in_kind bigint not null default 0,
  constraint activities_pkey PRIMARY KEY (account_id, occurred_at, id),
  constraint activities_type_check CHECK (type = ANY (ARRAY['buy'::text, 'sell'::text, 'deposit'::text, 'withdrawal'::text, 'transfer_in'::text, 'transfer_out'::text, 'fee'::text, 'adjustment'::text, 'dividend'::text, 'split'::text]))
);
CREATE INDEX activities_by_order ON activities USING btree (order_id) WHERE (order_id IS NOT NULL);
CREATE INDEX activities_by_symbol ON activities USING btree (account_id, symbol, occurred_at, id) WHERE (symbol IS NOT NULL);

create table confirmed_orders (
  order_id uuid not null,
  constraint confirmed_orders_pkey PRIMARY KEY (order_id)
);

create table corporate_action_accounts (
  action_id text not null,
  account_id uuid not null,
  qty bigint not null,
  done_at timestamp with time zone,
  constraint corporate_action_accounts_pkey PRIMARY KEY (action_id, account_id),
  constraint corporate_action_accounts_action_id_fkey FOREIGN KEY (action_id) REFERENCES corporate_actions(id)
);
CREATE INDEX corporate_action_accounts_by_account ON corporate_action_accounts USING btree (account_id);
CREATE INDEX corporate_actions_pending ON corporate_action_accounts USING btree (account_id) WHERE (done_at IS NULL);

create table corporate_actions (
  id text not null,
  sequence bigint not null generated always as identity,
  symbol text not null,
  type text not null,
  ratio_to bigint,
  ratio_from bigint,
  per_share bigint,
  currency text,
  reference_price bigint not null default 0,
  applied_at timestamp with time zone not null,
  digest text not null,
  effective_at_us bigint not null default 0,
  told_at timestamp with time zone,
  constraint corporate_actions_pkey PRIMARY KEY (id),
  constraint corporate_actions_type_check CHECK (type = ANY (ARRAY['split'::text, 'cash_dividend'::text]))
);
CREATE INDEX corporate_actions_untold ON corporate_actions USING btree (sequence) WHERE (told_at IS NULL);

create table early_reports (
  event_id text not null,
  order_id uuid not null,
  cum_qty bigint not null,
  report bytea not null,
  headers jsonb not null,
  subject text not null,
  received_at timestamp with time zone not null default now(),
  constraint early_reports_pkey PRIMARY KEY (event_id)
);
CREATE INDEX early_reports_by_age ON early_reports USING btree (received_at);
CREATE INDEX early_reports_by_order ON early_reports USING btree (order_id);

create table entries (
  journal_id uuid not null,
  ledger_account_id bigint not null,
  amount bigint not null,
  balance_after bigint not null,
  version bigint not null,
  reference text,
  constraint entries_pkey PRIMARY KEY (ledger_account_id, version),
  constraint entries_amount_check CHECK (amount <> 0)
);
CREATE TRIGGER entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_sound AFTER INSERT ON entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_entries();
CREATE TRIGGER journals_closed AFTER INSERT ON entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_old_journals();

create table executions (
  exec_id text not null,
  trade_id text,
  account_id uuid not null,
  order_id uuid not null,
  symbol text not null,
  qty bigint not null,
  amount bigint not null,
  occurred_at timestamp with time zone not null,
  digest text not null,
  journal_id uuid,
  constraint executions_pkey PRIMARY KEY (exec_id)
);
CREATE TRIGGER executions_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON executions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

create table fee_schedules (
  id uuid not null,
  name text not null,
  effective_from timestamp with time zone not null,
  per_order bigint not null default 0,
  per_share bigint not null default 0,
  basis_points bigint not null default 0,
  minimum bigint not null default 0,
  maximum bigint,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  constraint fee_schedules_pkey PRIMARY KEY (id),
  constraint fee_schedules_effective_from_key UNIQUE (effective_from),
  constraint fee_schedules_basis_points_check CHECK (basis_points >= 0),
  constraint fee_schedules_check CHECK (maximum >= minimum),
  constraint fee_schedules_minimum_check CHECK (minimum >= 0),
  constraint fee_schedules_per_order_check CHECK (per_order >= 0),
  constraint fee_schedules_per_share_check CHECK (per_share >= 0)
);
CREATE TRIGGER fee_schedules_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON fee_schedules FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

create table fundings (
  id uuid not null,
  account_id uuid not null,
  user_id uuid not null,
  type text not null,
  currency text not null,
  amount bigint not null,
  state text not null,
  reason text,
  requested_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  attempts integer not null default 0,
  due_at timestamp with time zone not null default now(),
  constraint fundings_pkey PRIMARY KEY (id),
  constraint fundings_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint fundings_amount_check CHECK (amount > 0),
  constraint fundings_state_check CHECK (state = ANY (ARRAY['requested'::text, 'held'::text, 'sent'::text, 'settled'::text, 'returned'::text, 'failed'::text])),
  constraint fundings_type_check CHECK (type = ANY (ARRAY['deposit'::text, 'withdrawal'::text]))
);
CREATE INDEX fundings_by_account ON fundings USING btree (account_id, requested_at, id);
CREATE INDEX fundings_by_user ON fundings USING btree (user_id, requested_at);
CREATE INDEX fundings_due ON fundings USING btree (due_at) WHERE (state = ANY (ARRAY['requested'::text, 'held'::text, 'sent'::text]));
CREATE INDEX fundings_in_flight ON fundings USING btree (updated_at) WHERE (state = ANY (ARRAY['requested'::text, 'held'::text, 'sent'::text]));

create table fx_rates (
  id uuid not null,
  base text not null,
  quote text not null,
  rate bigint not null,
  as_of timestamp with time zone not null,
  numerator numeric,
  denominator numeric,
  spread bigint not null default 0,
  source text not null default ''::text,
  constraint fx_rates_pkey PRIMARY KEY (id),
  constraint fx_rates_check CHECK (base <> quote),
  constraint fx_rates_denominator_check CHECK (denominator > 0::numeric),
  constraint fx_rates_numerator_check CHECK (numerator > 0::numeric),
  constraint fx_rates_rate_check CHECK (rate > 0),
  constraint fx_rates_spread_check CHECK (spread >= 0 AND spread <= 1000000)
);
CREATE TRIGGER fx_rates_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON fx_rates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

create table idempotency_keys (
  user_id uuid not null,
  key text not null,
  operation text not null,
  fingerprint bytea not null,
  answer jsonb not null,
  created_at timestamp with time zone not null default now(),
  constraint idempotency_keys_pkey PRIMARY KEY (user_id, key),
  constraint idempotency_keys_key_check CHECK (length(key) >= 1 AND length(key) <= 128)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys USING btree (created_at);

create table instruments (
  symbol text not null,
  currency text not null,
  version bigint not null default 0,
  lot bigint not null default 1,
  constraint instruments_pkey PRIMARY KEY (symbol),
  constraint instruments_lot_check CHECK (lot > 0)
);

create table journals (
  id uuid not null,
  kind text not null,
  reference text not null,
  occurred_at timestamp with time zone not null,
  posted_at timestamp with time zone not null default now(),
  fee_schedule_id uuid,
  fx_rate_id uuid,
  reason text,
  constraint journals_pkey PRIMARY KEY (id),
  constraint journals_once UNIQUE (reference, kind),
  constraint journals_fee_schedule_id_fkey FOREIGN KEY (fee_schedule_id) REFERENCES fee_schedules(id),
  constraint journals_fx_rate_id_fkey FOREIGN KEY (fx_rate_id) REFERENCES fx_rates(id),
  constraint journals_adjustment_explained CHECK (kind <> 'adjustment'::text OR length(reason) > 0),
  constraint journals_fee_explained CHECK (kind <> 'fee'::text OR fee_schedule_id IS NOT NULL),
  constraint journals_fx_explained CHECK (kind <> 'fx'::text OR fx_rate_id IS NOT NULL),
  constraint journals_kind_check CHECK (kind = ANY (ARRAY['fill'::text, 'fee'::text, 'deposit'::text, 'withdrawal'::text, 'transfer'::text, 'fx'::text, 'adjustment'::text, 'dividend'::text, 'split'::text]))
);
CREATE TRIGGER journals_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON journals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

create table ledger_accounts (
  id bigint not null generated always as identity,
  account_id uuid not null,
  kind text not null,
  asset text not null,
  posted bigint not null default 0,
  reserved bigint not null default 0,
  version bigint not null default 0,
  may_go_negative boolean not null default false,
  constraint ledger_accounts_pkey PRIMARY KEY (id),
  constraint ledger_accounts_once UNIQUE (account_id, asset),
  constraint ledger_accounts_asset_check CHECK (asset ~ '^[A-Z0-9][A-Z0-9./-]{0,23}$'::text),
  constraint ledger_accounts_covered CHECK (may_go_negative OR (posted - reserved) >= 0),
  constraint ledger_accounts_kind CHECK (
CASE
    WHEN kind = ANY (ARRAY['cash'::text, 'position'::text]) THEN NOT may_go_negative
    WHEN kind = ANY (ARRAY['clearing'::text, 'fees'::text, 'bank'::text, 'fx'::text, 'house'::text]) THEN may_go_negative
    ELSE false
END),
  constraint ledger_accounts_reserved CHECK (reserved >= 0)
) with (fillfactor = 60);
CREATE TRIGGER ledger_accounts_stay BEFORE DELETE OR TRUNCATE ON ledger_accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

create table lot_closings (
  account_id uuid not null,
  lot_id text not null,
  exec_id text not null,
  qty bigint not null,
  cost bigint not null,
  proceeds bigint not null,
  closed_at timestamp with time zone not null,
  constraint lot_closings_pkey PRIMARY KEY (account_id, lot_id, exec_id),
  constraint lot_closings_qty_check CHECK (qty > 0)
);

create table lots (
  account_id uuid not null,
  id text not null,
  symbol text not null,
  sequence bigint not null generated always as identity,
  opened_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  qty bigint not null,
  cost bigint not null,
  remaining bigint not null,
  proceeds bigint not null default 0,
  constraint lots_pkey PRIMARY KEY (account_id, id),
  constraint lots_qty_check CHECK (qty > 0),
  constraint lots_remaining CHECK (remaining >= 0 AND remaining <= qty)
) with (fillfactor = 80);
CREATE INDEX lots_by_account ON lots USING btree (account_id, sequence);
CREATE INDEX lots_open ON lots USING btree (account_id, symbol, sequence) WHERE (remaining > 0);

create table positions (
  account_id uuid not null,
  symbol text not null,
  qty bigint not null,
  cost bigint not null,
  average_cost bigint not null,
  bought bigint not null,
  sold bigint not null,
  opened_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint positions_pkey PRIMARY KEY (account_id, symbol),
  constraint positions_qty_check CHECK (qty >= 0)
) with (fillfactor = 60);

create table reservations (
  id uuid not null,
  purpose text not null,
  ledger_account_id bigint not null,
  account_id uuid not null,
  side text,
  symbol text,
  state text not null default 'open'::text,
  qty bigint not null,
  filled bigint not null default 0,
  carried bigint not null default 0,
  principal bigint not null,
  fee_cap bigint not null default 0,
  remaining bigint not null,
  traded bigint not null default 0,
  fee_paid bigint not null default 0,
  fee_schedule_id uuid,
  replaces uuid,
  created_at timestamp with time zone not null default now(),
  closed_at timestamp with time zone,
  asked_qty bigint,
  asked_principal bigint,
  limit_price bigint,
  group_id uuid,
  group_type text,
  group_leg smallint,
  constraint reservations_pkey PRIMARY KEY (id),
  constraint reservations_fee_schedule_id_fkey FOREIGN KEY (fee_schedule_id) REFERENCES fee_schedules(id),
  constraint reservations_ledger_account_id_fkey FOREIGN KEY (ledger_account_id) REFERENCES ledger_accounts(id),
  constraint reservations_closed_is_empty CHECK (state = 'open'::text OR remaining = 0),
  constraint reservations_fee_cap_check CHECK (fee_cap >= 0),
  constraint reservations_filled CHECK (filled >= 0 AND filled <= qty AND carried >= 0 AND carried <= filled),
  constraint reservations_group CHECK (num_nulls(group_id, group_type, group_leg) = ANY (ARRAY[0, 3])),
  constraint reservations_group_leg_check CHECK (group_leg >= 0 AND group_leg <= 2),
  constraint reservations_group_type_check CHECK (group_type = ANY (ARRAY['bracket'::text, 'oco'::text, 'oto'::text])),
  constraint reservations_limit_price_check CHECK (limit_price > 0),
  constraint reservations_order CHECK (purpose <> 'order'::text OR side IS NOT NULL AND symbol IS NOT NULL AND qty > 0),
  constraint reservations_principal_check CHECK (principal > 0),
  constraint reservations_purpose_check CHECK (purpose = ANY (ARRAY['order'::text, 'withdrawal'::text])),
  constraint reservations_remaining_check CHECK (remaining >= 0),
  constraint reservations_side_check CHECK (side = ANY (ARRAY['buy'::text, 'sell'::text])),
  constraint reservations_state_check CHECK (state = ANY (ARRAY['open'::text, 'closed'::text]))
) with (fillfactor = 70);
CREATE INDEX reservations_by_group ON reservations USING btree (group_id) WHERE (group_id IS NOT NULL);
CREATE INDEX reservations_for_withdrawals ON reservations USING btree (ledger_account_id) WHERE ((state = 'open'::text) AND (purpose = 'withdrawal'::text));
CREATE INDEX reservations_open ON reservations USING btree (ledger_account_id, created_at) WHERE (state = 'open'::text);

create table snapshots (
  account_id uuid not null,
  timeframe text not null,
  at timestamp with time zone not null,
  cash bigint not null,
  market_value bigint not null,
  brought bigint not null,
  taken bigint not null,
  constraint snapshots_pkey PRIMARY KEY (account_id, timeframe, at),
  constraint snapshots_timeframe_check CHECK (timeframe = ANY (ARRAY['5Min'::text, '1H'::text, '1D'::text, '1W'::text]))
);
CREATE INDEX snapshots_by_age ON snapshots USING btree (timeframe, at);

-- function add_to_average(state numeric[], qty numeric, cost numeric) returns numeric[]
-- aggregate average_cost(numeric, numeric) returns numeric[]
-- function check_entries() returns trigger
-- function fee_due(schedule fee_schedules, qty numeric, amount numeric) returns numeric
-- function half_even(dividend numeric, divisor numeric) returns numeric
-- function note_owner() returns trigger
-- function refuse_change() returns trigger
-- function refuse_old_journals() returns trigger
-- function release_batch(reservation_ids uuid[], only_account_ids uuid[]) returns TABLE(ordinal integer, outcome text, freed bigint)
-- function reserve_batch(order_ids uuid[], account_ids uuid[], user_ids uuid[], sides text[], symbols text[], assets text[], qtys bigint[], principals bigint[], fee_caps bigint[], fee_schedule_ids uuid[]) returns TABLE(ordinal integer, outcome text, remaining bigint, available bigint, account_status text, account_kind text)
-- function reserve_orders(order_ids uuid[], account_ids uuid[], user_ids uuid[], sides text[], symbols text[], assets text[], currencies text[], qtys bigint[], principals bigint[], limit_prices bigint[], fee_caps bigint[], fee_schedule_ids uuid[], trading_statuses text[], trading_kinds text[]) returns TABLE(ordinal integer, outcome text, remaining bigint, available bigint, account_status text, account_kind text)
-- function save_settlement(l_ids bigint[], l_posted bigint[], l_reserved bigint[], l_versions bigint[], j_ids uuid[], j_kinds text[], j_references text[], j_at bigint[], j_schedules uuid[], f_exec text[], f_trade text[], f_account uuid[], f_order uuid[], f_symbol text[], f_qty bigint[], f_amount bigint[], f_price bigint[], f_at bigint[], f_digest text[], f_journal integer[], e_ledger bigint[], e_journal integer[], e_amount bigint[], e_balance bigint[], e_version bigint[], e_fill integer[], r_ids uuid[], r_states text[], r_qty bigint[], r_filled bigint[], r_carried bigint[], r_principal bigint[], r_remaining bigint[], r_traded bigint[], r_fee_paid bigint[], p_fill integer[], p_qty bigint[], p_cost bigint[], p_average bigint[], p_bought bigint[], p_sold bigint[], p_at bigint[], o_fill integer[], o_cost bigint[], o_remaining bigint[], o_proceeds bigint[], o_at bigint[], a_fill integer[], a_ids uuid[], a_types text[], a_amount bigint[], a_realised bigint[], a_currency text[], a_journal integer[]) returns void
