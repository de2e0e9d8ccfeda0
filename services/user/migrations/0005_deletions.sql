-- The end of an account, one step after the other. A row stays for ever: a user whose account was ended must not come
-- back to life through an old event.
create table deletions (
  user_id uuid primary key,
  state text not null check (state in ('requested', 'checking', 'refused', 'erasing', 'completed')),
  -- Why it was refused: `balance_remaining`.
  reason text not null default '',
  -- Under which name others keep what they may not delete; forgotten here when all is done.
  pseudonym uuid,
  -- The services that have yet to say that they have erased their part.
  waiting_for text[] not null default '{}',
  requested_at timestamptz not null,
  finished_at timestamptz,
  -- When the sweeper looks at it again, and how often it has.
  next_step_at timestamptz not null,
  attempts integer not null default 0,
  check ((state = 'refused') = (reason <> '')),
  check ((state in ('refused', 'completed')) = (finished_at is not null)),
  check ((state = 'erasing') = (pseudonym is not null))
);
create index deletions_under_way on deletions (next_step_at) where state in ('requested', 'checking', 'erasing');
