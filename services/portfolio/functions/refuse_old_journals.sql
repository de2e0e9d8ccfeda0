-- A journal is written whole: what is entered later is no part of it. Its entries come in the transaction that made it.
create or replace function refuse_old_journals() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan set random_page_cost = 0.1
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  old uuid;
begin
  select named.journal_id into old
    from (select distinct journal_id from added) named
    cross join lateral (select xmin as made_in from journals where id = named.journal_id offset 0) journal
    where journal.made_in <> pg_current_xact_id()::xid
    limit 1;
  if found then
    raise exception 'journal % is closed: book a correction instead', old
      using errcode = 'restrict_violation', constraint = 'journals_closed';
  end if;
  return null;
end
$$;
