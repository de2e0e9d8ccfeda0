-- For tables that are only ever added to.
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: book a correction instead', tg_table_name
    using errcode = 'restrict_violation', constraint = tg_table_name || '_append_only';
end
$$;
