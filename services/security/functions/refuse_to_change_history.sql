-- For the audit trail, which is only ever added to.
create or replace function refuse_to_change_history() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
