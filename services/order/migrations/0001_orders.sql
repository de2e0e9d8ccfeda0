-- Times are microseconds since 1970 as they came: of two reports of one millisecond the order counts, and a driver's date
-- would cut it off. Prices, quantities and amounts are micro-units; 0 stands for what does not apply.
create table orders (
  -- uuid v5 of account and client_order_id: the same request is the same row, for ever.
  id uuid primary key,
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
  reserved_asset text not null default '',
  replaces uuid,
  group_id uuid,
  group_type text,
  group_leg smallint,
  api_key_id uuid,
  placed_at_us bigint not null,

  -- `fenced` is a tombstone: nobody ever placed it, and nobody can any more.
  status text not null check (status in ('pending_new', 'accepted', 'held', 'new', 'partially_filled', 'filled', 'canceled',
    'replaced', 'expired', 'rejected', 'fenced')),
  pending text check (pending in ('cancel', 'replace')),
  reason text not null default '',
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
  check (cum_qty >= 0 and leaves_qty >= 0),
  check ((status in ('filled', 'canceled', 'replaced', 'expired', 'rejected')) = (finished_at_us > 0) or status = 'fenced'),
  check ((status = 'pending_new' or pending is not null) = (awaiting_since_us > 0))
) with (fillfactor = 85);

create index orders_by_account on orders (account_id, placed_at_us desc, id desc);
create index orders_open on orders (account_id, placed_at_us desc, id desc) where finished_at_us = 0;
create index orders_by_group on orders (group_id, group_leg) where group_id is not null;
-- What the engine owes an answer: small, whatever the table grows to.
create index orders_awaiting on orders (awaiting_since_us) where awaiting_since_us > 0;

-- Every report that was applied, in the order in which it was. What was placed is in the order's own row.
create table order_events (
  id bigint generated always as identity primary key,
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
  reason text not null default '',
  liquidity text,
  trade_id text not null default '',
  exec_id text not null default '',
  actor text not null default 'engine',
  actor_id text not null default '',
  occurred_at_us bigint not null
);
create index order_events_by_order on order_events (order_id, id);
create index order_events_fills on order_events (account_id, id desc) where kind = 'fill';

-- Reports of orders that are not there yet, after a backup was restored say: applied when they are.
create table early_reports (
  exec_id text primary key,
  order_id uuid not null,
  account_id uuid not null,
  position bigint generated always as identity,
  payload bytea not null,
  recorded_at_us bigint not null
);
create index early_reports_by_order on early_reports (order_id, position);

-- Reports that did not fit; nothing of them is lost, and somebody has to look.
create table unexpected_reports (
  id bigint generated always as identity primary key,
  exec_id text not null,
  order_id uuid not null,
  kind text not null,
  why text not null,
  payload bytea not null,
  recorded_at_us bigint not null
);
create index unexpected_reports_by_order on unexpected_reports (order_id);

-- What each API key with a cap has ordered on a day (UTC).
create table api_key_usage (
  api_key_id uuid not null,
  day date not null,
  used bigint not null default 0,
  primary key (api_key_id, day)
);
