-- Orders that are known to exist, so that nobody asks again after those that rest for long.
create table confirmed_orders (
  order_id uuid primary key
);

-- What companies did to their shares, and to whom. The accounts are those that held shares, or could still get some by an order from before,
-- when the word came; each is dealt with once, in a transaction of its own, in the order of the actions.
create table corporate_actions (
  id text primary key,
  sequence bigint generated always as identity,
  symbol text not null,
  type text not null check (type in ('split', 'cash_dividend')),
  ratio_to bigint,
  ratio_from bigint,
  per_share bigint,
  currency text,
  reference_price bigint not null default 0,
  applied_at timestamptz not null,
  -- Of all that was said: the same id again with other terms is refused.
  digest text not null
);

create table corporate_action_accounts (
  action_id text not null references corporate_actions,
  account_id uuid not null,
  -- What was held then.
  qty bigint not null,
  done_at timestamptz,
  primary key (action_id, account_id)
);
create index corporate_actions_pending on corporate_action_accounts (account_id) where done_at is null;

-- The smallest quantity of a symbol that can be held: what a split leaves below it is paid out.
alter table instruments add column lot bigint not null default 1 check (lot > 0);
