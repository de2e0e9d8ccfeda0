-- What orders hold back, and what they leave behind: positions, lots, activities.

-- Held for an order, or for a withdrawal under way. `remaining` is part of the ledger account's `reserved`.
create table reservations (
  -- The order's id, or the funding's.
  id uuid primary key,
  purpose text not null check (purpose in ('order', 'withdrawal')),
  ledger_account_id bigint not null references ledger_accounts,
  account_id uuid not null,
  side text check (side in ('buy', 'sell')),
  symbol text,
  state text not null default 'open' check (state in ('open', 'closed')),
  qty bigint not null,
  filled bigint not null default 0,
  -- Of `filled`, what the order it replaced had filled.
  carried bigint not null default 0,
  -- Money for a buy or a withdrawal, shares for a sale.
  principal bigint not null check (principal > 0),
  fee_cap bigint not null default 0 check (fee_cap >= 0),
  remaining bigint not null check (remaining >= 0),
  traded bigint not null default 0,
  fee_paid bigint not null default 0,
  fee_schedule_id uuid references fee_schedules,
  -- The order whose place this one is to take.
  replaces uuid,
  created_at timestamptz not null default now(),
  closed_at timestamptz,
  constraint reservations_filled check (filled between 0 and qty and carried between 0 and filled),
  constraint reservations_closed_is_empty check (state = 'open' or remaining = 0),
  constraint reservations_order check (purpose <> 'order' or (side is not null and symbol is not null and qty > 0))
) with (fillfactor = 70);
create index reservations_open on reservations (ledger_account_id, created_at) where state = 'open';

-- Its ledger account vouches for the account.
create table positions (
  account_id uuid not null,
  symbol text not null,
  qty bigint not null check (qty >= 0),
  cost bigint not null,
  average_cost bigint not null,
  bought bigint not null,
  sold bigint not null,
  opened_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (account_id, symbol)
) with (fillfactor = 60);

create table lots (
  account_id uuid not null,
  -- The execution that opened it.
  id text not null,
  symbol text not null,
  -- First in, first out goes by this.
  sequence bigint generated always as identity,
  opened_at timestamptz not null,
  closed_at timestamptz,
  qty bigint not null check (qty > 0),
  cost bigint not null,
  remaining bigint not null,
  -- What the shares that left it brought in.
  proceeds bigint not null default 0,
  primary key (account_id, id),
  constraint lots_remaining check (remaining between 0 and qty)
) with (fillfactor = 80);
create index lots_open on lots (account_id, symbol, sequence) where remaining > 0;

-- Which sale took how much of which lot.
create table lot_closings (
  account_id uuid not null,
  lot_id text not null,
  exec_id text not null,
  qty bigint not null check (qty > 0),
  cost bigint not null,
  proceeds bigint not null,
  closed_at timestamptz not null,
  primary key (account_id, lot_id, exec_id)
);

-- What a client sees happen, one line a journal.
create table activities (
  account_id uuid not null,
  occurred_at timestamptz not null,
  id uuid not null,
  type text not null check (type in (
    'buy', 'sell', 'deposit', 'withdrawal', 'transfer_in', 'transfer_out', 'fee', 'adjustment', 'dividend', 'split')),
  symbol text,
  qty bigint,
  price bigint,
  -- Signed change of cash.
  amount bigint not null,
  currency text not null,
  journal_id uuid not null,
  reference text not null,
  order_id uuid,
  realised bigint not null default 0,
  primary key (account_id, occurred_at, id)
);
create index activities_by_order on activities (order_id) where order_id is not null;
