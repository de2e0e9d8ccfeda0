-- Accounts and the double-entry ledger under them. Every amount is an integer in micro-units.

create sequence account_numbers;

create table accounts (
  id uuid primary key,
  user_id uuid not null,
  number text not null unique,
  kind text not null check (kind in ('savings', 'chequing', 'investment', 'house')),
  currency text not null check (currency in ('USD', 'CAD', 'EUR', 'GBP')),
  name text not null check (length(name) between 1 and 60),
  status text not null default 'active' check (status in ('active', 'restricted', 'closed')),
  -- Room for what an account may opt into later: margin, shorting.
  settings jsonb not null default '{}',
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  check ((status = 'closed') = (closed_at is not null))
);
create index accounts_by_user on accounts (user_id, opened_at, id);

-- One balance of one asset. Whoever holds the lock on this row owns all that hangs on it: its entries and reservations, and for
-- shares the position and its lots. Locks are taken in the order of id, always, so no two writers can wait for each other.
create table ledger_accounts (
  id bigint generated always as identity primary key,
  account_id uuid references accounts,
  kind text not null,
  asset text not null check (asset ~ '^[A-Z0-9][A-Z0-9./-]{0,23}$'),
  shard smallint not null default 0,
  posted bigint not null default 0,
  reserved bigint not null default 0,
  -- How many entries it has; the last one carries this number.
  version bigint not null default 0,
  may_go_negative boolean not null default false,
  constraint ledger_accounts_covered check (may_go_negative or posted - reserved >= 0),
  constraint ledger_accounts_reserved check (reserved >= 0),
  constraint ledger_accounts_kind check (
    case
      when kind in ('cash', 'position') then account_id is not null and not may_go_negative
      when kind in ('clearing', 'fees', 'bank', 'fx') then account_id is null and may_go_negative
      when kind = 'house' then may_go_negative
      else false
    end
  )
) with (fillfactor = 60);
create unique index ledger_accounts_of_account on ledger_accounts (account_id, asset) where account_id is not null;
create unique index ledger_accounts_of_system on ledger_accounts (kind, asset, shard) where account_id is null;

create table fee_schedules (
  id uuid primary key,
  name text not null,
  effective_from timestamptz not null unique,
  per_order bigint not null default 0 check (per_order >= 0),
  per_share bigint not null default 0 check (per_share >= 0),
  basis_points bigint not null default 0 check (basis_points >= 0),
  minimum bigint not null default 0 check (minimum >= 0),
  maximum bigint check (maximum >= minimum),
  created_by uuid,
  created_at timestamptz not null default now()
);

-- The rates that conversions were made at: units of quote per unit of base.
create table fx_rates (
  id uuid primary key,
  base text not null,
  quote text not null,
  rate bigint not null check (rate > 0),
  as_of timestamptz not null,
  check (base <> quote)
);

create table journals (
  id uuid primary key,
  kind text not null
    check (kind in ('fill', 'fee', 'deposit', 'withdrawal', 'transfer', 'fx', 'adjustment', 'dividend', 'split')),
  -- With the kind, what makes it the same thing again: nothing is booked twice.
  reference text not null,
  occurred_at timestamptz not null,
  posted_at timestamptz not null default now(),
  fee_schedule_id uuid references fee_schedules,
  fx_rate_id uuid references fx_rates,
  reason text,
  constraint journals_once unique (kind, reference),
  constraint journals_fee_explained check (kind <> 'fee' or fee_schedule_id is not null),
  constraint journals_fx_explained check (kind <> 'fx' or fx_rate_id is not null),
  constraint journals_adjustment_explained check (kind <> 'adjustment' or length(reason) > 0)
);

-- No foreign keys: entries_sound checks a whole statement's references at once, for a fraction of the price of two look-ups a row,
-- and neither journals nor ledger accounts are ever deleted.
create table entries (
  journal_id uuid not null,
  ledger_account_id bigint not null,
  amount bigint not null check (amount <> 0),
  balance_after bigint not null,
  version bigint not null,
  primary key (ledger_account_id, version)
);
create index entries_by_journal on entries (journal_id);

-- A journal's entries come in one statement, add up to nothing asset by asset, and end where their ledger accounts, updated just
-- before, say they stand.
create function check_entries() returns trigger language plpgsql as $$
declare
  wrong record;
begin
  select added.journal_id, account.asset, sum(added.amount) as off_by into wrong
    from added
    left join ledger_accounts account on account.id = added.ledger_account_id
    left join journals journal on journal.id = added.journal_id
    group by added.journal_id, account.asset
    having sum(added.amount) <> 0 or account.asset is null or bool_or(journal.id is null)
    limit 1;
  if found then
    raise exception 'journal % is off by % %', wrong.journal_id, wrong.off_by, coalesce(wrong.asset, 'of no ledger account')
      using errcode = 'check_violation', constraint = 'entries_balance';
  end if;
  select last.ledger_account_id, account.posted, last.balance_after into wrong
    from (
      select distinct on (ledger_account_id) ledger_account_id, version, balance_after
        from added order by ledger_account_id, version desc
    ) last
    join ledger_accounts account on account.id = last.ledger_account_id
    where account.posted <> last.balance_after or account.version <> last.version
    limit 1;
  if found then
    raise exception 'ledger account % stands at %, its last entry at %', wrong.ledger_account_id, wrong.posted, wrong.balance_after
      using errcode = 'check_violation', constraint = 'entries_follow_balance';
  end if;
  return null;
end
$$;

create trigger entries_sound after insert on entries
  referencing new table as added for each statement execute function check_entries();

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: book a correction instead', tg_table_name
    using errcode = 'restrict_violation', constraint = tg_table_name || '_append_only';
end
$$;

create trigger entries_append_only before update or delete or truncate on entries
  for each statement execute function refuse_change();
create trigger journals_append_only before update or delete or truncate on journals
  for each statement execute function refuse_change();
create trigger ledger_accounts_stay before delete or truncate on ledger_accounts
  for each statement execute function refuse_change();
create trigger fee_schedules_append_only before update or delete or truncate on fee_schedules
  for each statement execute function refuse_change();
create trigger fx_rates_append_only before update or delete or truncate on fx_rates
  for each statement execute function refuse_change();
