-- Reports that came before their turn: the fills before them may be on their way. They wait for a bounded time, then somebody has to look.
create table early_reports (
  event_id text primary key,
  order_id uuid not null,
  cum_qty bigint not null,
  -- The report as it came, and the headers it came with.
  report bytea not null,
  headers jsonb not null,
  subject text not null,
  received_at timestamptz not null default now()
);
create index early_reports_by_order on early_reports (order_id);
create index early_reports_by_age on early_reports (received_at);

-- A funding whose step fails waits longer from time to time, so that it keeps none of the others from theirs.
alter table fundings add column attempts int not null default 0, add column due_at timestamptz not null default now();
create index fundings_due on fundings (due_at) where state in ('requested', 'held', 'sent');

-- A journal is written whole: what is entered later is no part of it. Its entries come in the transaction that made it.
create function refuse_old_journals() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan set random_page_cost = 0.1
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  old uuid;
begin
  select named.journal_id into old
    from (select distinct journal_id from added) named
    join journals journal on journal.id = named.journal_id
    where journal.xmin <> pg_current_xact_id()::xid
    limit 1;
  if found then
    raise exception 'journal % is closed: book a correction instead', old
      using errcode = 'restrict_violation', constraint = 'journals_closed';
  end if;
  return null;
end
$$;
create trigger journals_closed after insert on entries
  referencing new table as added for each statement execute function refuse_old_journals();
