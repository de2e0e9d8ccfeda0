-- Money in and out, and the history it makes.

create table fundings (
  id uuid primary key,
  account_id uuid not null references accounts,
  user_id uuid not null,
  type text not null check (type in ('deposit', 'withdrawal')),
  currency text not null,
  amount bigint not null check (amount > 0),
  state text not null check (state in ('requested', 'held', 'sent', 'settled', 'returned', 'failed')),
  reason text,
  requested_at timestamptz not null,
  updated_at timestamptz not null
);
create index fundings_by_account on fundings (account_id, requested_at, id);
create index fundings_in_flight on fundings (updated_at) where state in ('requested', 'held', 'sent');

-- The first answer given to a key, and what was asked: the same again gets the same, something else is refused.
create table idempotency_keys (
  user_id uuid not null,
  key text not null check (length(key) between 1 and 128),
  operation text not null,
  fingerprint bytea not null,
  answer jsonb not null,
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- What an account's owner ever brought in and took out (transfers and adjustments included), so that a snapshot copies two numbers.
create table account_flows (
  account_id uuid primary key references accounts,
  brought bigint not null default 0 check (brought >= 0),
  taken bigint not null default 0 check (taken >= 0)
) with (fillfactor = 60);

create table snapshots (
  account_id uuid not null,
  timeframe text not null check (timeframe in ('5Min', '1H', '1D', '1W')),
  at timestamptz not null,
  cash bigint not null,
  market_value bigint not null,
  -- As account_flows stood.
  brought bigint not null,
  taken bigint not null,
  primary key (account_id, timeframe, at)
);
