-- Reports were known by their id and contents together. Now the inbox keeps the two apart, and tells one from the other by itself. Where two
-- had one id, the first was applied; the other is known by both, as before.
do $$
begin
  if to_regclass('inbox') is null then return; end if;
  with kept as (
    select distinct on (split_part(event_id, '#', 1)) event_id from inbox
      where consumer = 'portfolio-executions' and event_id ~ '^[^#]+#[A-Za-z0-9_-]{15}$'
      order by split_part(event_id, '#', 1), received_at, event_id
  )
  update inbox set event_id = split_part(inbox.event_id, '#', 1), contents = split_part(inbox.event_id, '#', 2)
    from kept
    where inbox.consumer = 'portfolio-executions' and inbox.event_id = kept.event_id
      and not exists (select 1 from inbox plain where plain.consumer = 'portfolio-executions' and plain.event_id = split_part(kept.event_id, '#', 1));

  update dead_letters letter set event_id = split_part(letter.event_id, '#', 1)
    from inbox
    where letter.consumer = 'portfolio-executions' and inbox.consumer = letter.consumer
      and letter.event_id = inbox.event_id || '#' || inbox.contents;
end
$$;

-- Not yet settled, so nothing else was applied under their ids.
update early_reports set event_id = split_part(event_id, '#', 1) where event_id ~ '^[^#]+#[A-Za-z0-9_-]{15}$'
  and not exists (select 1 from early_reports other where other.event_id = split_part(early_reports.event_id, '#', 1));
