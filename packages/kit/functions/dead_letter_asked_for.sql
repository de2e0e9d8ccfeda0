-- Whoever asks for a dead letter to be applied, by whatever way, tells its consumer, which listens under the name of its lock: otherwise it would
-- have to look again and again.
create or replace function dead_letter_asked_for() returns trigger language plpgsql as $$
begin
  perform pg_notify(left('consumer ' || new.consumer, 63), '');
  return null;
end $$;

create or replace trigger dead_letter_asked_for after update of requeued_at on dead_letters
  for each row when (new.requeued_at is not null) execute function dead_letter_asked_for();
