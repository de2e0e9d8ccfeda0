-- Whose an account is, as it was opened: a second record, for verification.
create or replace function note_owner() returns trigger language plpgsql as $$
begin
  insert into account_owners (account_id, user_id) values (new.id, new.user_id);
  return null;
end
$$;
