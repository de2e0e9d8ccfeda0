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
  -- A client's account, the house's trading account, or one of the system's own, whose ids are fixed and in no other table. That is
  -- why there is no foreign key; who opens a ledger account for a client looks the account up.
  account_id uuid not null,
  kind text not null,
  asset text not null check (asset ~ '^[A-Z0-9][A-Z0-9./-]{0,23}$'),
  posted bigint not null default 0,
  reserved bigint not null default 0,
  -- How many entries it has; the last one carries this number.
  version bigint not null default 0,
  may_go_negative boolean not null default false,
  constraint ledger_accounts_once unique (account_id, asset),
  constraint ledger_accounts_covered check (may_go_negative or posted - reserved >= 0),
  constraint ledger_accounts_reserved check (reserved >= 0),
  constraint ledger_accounts_kind check (
    case
      when kind in ('cash', 'position') then not may_go_negative
      when kind in ('clearing', 'fees', 'bank', 'fx', 'house') then may_go_negative
      else false
    end
  )
) with (fillfactor = 60);

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
  -- By reference first: kinds are few, and looking one up by its kind would read them all.
  constraint journals_once unique (reference, kind),
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
-- before, say they stand. Here and wherever a batch is looked up, the planner is told to look at the sizes of today and to go through
-- the indexes: a plan made while a table was small would read all of it for as long as the plan is kept.
create function check_entries() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan set random_page_cost = 0.1
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  wrong record;
begin
  with booked as materialized (
    select added.journal_id, added.ledger_account_id, added.amount, added.balance_after, added.version,
        account.asset, account.posted, account.version as last_version
      from added left join ledger_accounts account on account.id = added.ledger_account_id
  )
  select * into wrong from (
    select 'journal ' || journal_id || ' is off by ' || sum(amount) || ' ' || coalesce(asset, 'of no ledger account') as what,
        'entries_balance' as which
      from booked group by journal_id, asset having sum(amount) <> 0 or asset is null
    union all
    select 'ledger account ' || ledger_account_id || ' does not stand where its last entry says', 'entries_follow_balance'
      from booked group by ledger_account_id, posted, last_version
      having max(version) <> last_version or max(balance_after) filter (where version = last_version) <> posted
    union all
    select 'there is no journal ' || journal_id, 'entries_journal'
      from (select distinct journal_id from booked) named
      where not exists (select 1 from journals journal where journal.id = named.journal_id)
  ) found
  limit 1;
  if found then
    raise exception '%', wrong.what using errcode = 'check_violation', constraint = wrong.which;
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
