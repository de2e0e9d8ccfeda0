-- What the migrations and functions make, for reading. Written by `npx vitest run test/schema -u`, compared by `test/schema.test.ts`.

create table api_key_usage (
  api_key_id uuid not null,
  day date not null,
  used bigint not null default 0,
  constraint api_key_usage_pkey PRIMARY KEY (api_key_id, day)
);

create table early_reports (
  exec_id text not null,
  order_id uuid not null,
  account_id uuid not null,
  position bigint not null generated always as identity,
  payload bytea not null,
  recorded_at_us bigint not null,
  constraint early_reports_pkey PRIMARY KEY (exec_id)
);
CREATE INDEX early_reports_by_order ON early_reports USING btree (order_id, "position");

create table order_events (
  id bigint not null generated always as identity,
  order_id uuid not null,
  account_id uuid not null,
  symbol text not null,
  side text not null,
  kind text not null,
  status text not null,
  last_qty bigint not null default 0,
  last_px bigint not null default 0,
  cum_qty bigint not null default 0,
  leaves_qty bigint not null default 0,
  reason text not null default ''::text,
  liquidity text,
  trade_id text not null default ''::text,
  exec_id text not null default ''::text,
  actor text not null default 'engine'::text,
  actor_id text not null default ''::text,
  occurred_at_us bigint not null,
  constraint order_events_pkey PRIMARY KEY (id)
);
CREATE INDEX order_events_by_order ON order_events USING btree (order_id, id);
CREATE INDEX order_events_fills ON order_events USING btree (account_id, id DESC) WHERE (kind = 'fill'::text);

create table orders (
  id uuid not null,
  account_id uuid not null,
  user_id uuid not null,
  client_order_id text not null,
  symbol text not null,
  side text not null,
  type text not null,
  time_in_force text not null,
  asked_qty bigint not null,
  notional bigint not null default 0,
  limit_px bigint not null default 0,
  asked_stop_px bigint not null default 0,
  trail_amount bigint not null default 0,
  trail_percent bigint not null default 0,
  post_only boolean not null default false,
  collar_px bigint not null default 0,
  collar_offset bigint not null default 0,
  reserved bigint not null default 0,
  reserved_asset text not null default ''::text,
  replaces uuid,
  group_id uuid,
  group_type text,
  group_leg smallint,
  api_key_id uuid,
  placed_at_us bigint not null,
  status text not null,
  pending text,
  reason text not null default ''::text,
  qty bigint not null,
  cum_qty bigint not null default 0,
  leaves_qty bigint not null default 0,
  avg_px bigint not null default 0,
  stop_px bigint not null default 0,
  water_mark_px bigint not null default 0,
  replaced_by uuid,
  updated_at_us bigint not null,
  acknowledged_at_us bigint not null default 0,
  finished_at_us bigint not null default 0,
  awaiting_since_us bigint not null default 0,
  version bigint not null default 1,
  constraint orders_pkey PRIMARY KEY (id),
  constraint orders_check CHECK (cum_qty >= 0 AND leaves_qty >= 0),
  constraint orders_check1 CHECK ((status = ANY (ARRAY['filled'::text, 'canceled'::text, 'replaced'::text, 'expired'::text, 'rejected'::text])) = (finished_at_us > 0) OR status = 'fenced'::text),
  constraint orders_check2 CHECK ((status = 'pending_new'::text OR pending IS NOT NULL) = (awaiting_since_us > 0)),
  constraint orders_pending_check CHECK (pending = ANY (ARRAY['cancel'::text, 'replace'::text])),
  constraint orders_status_check CHECK (status = ANY (ARRAY['pending_new'::text, 'accepted'::text, 'held'::text, 'new'::text, 'partially_filled'::text, 'filled'::text, 'canceled'::text, 'replaced'::text, 'expired'::text, 'rejected'::text, 'fenced'::text]))
) with (fillfactor = 85);
CREATE INDEX orders_awaiting ON orders USING btree (awaiting_since_us) WHERE (awaiting_since_us > 0);
CREATE INDEX orders_by_account ON orders USING btree (account_id, placed_at_us DESC, id DESC);
CREATE INDEX orders_by_group ON orders USING btree (group_id, group_leg) WHERE (group_id IS NOT NULL);
CREATE INDEX orders_open ON orders USING btree (account_id, placed_at_us DESC, id DESC) WHERE (finished_at_us = 0);

create table unexpected_reports (
  id bigint not null generated always as identity,
  exec_id text not null,
  order_id uuid not null,
  kind text not null,
  why text not null,
  payload bytea not null,
  recorded_at_us bigint not null,
  constraint unexpected_reports_pkey PRIMARY KEY (id)
);
CREATE INDEX unexpected_reports_by_order ON unexpected_reports USING btree (order_id);
