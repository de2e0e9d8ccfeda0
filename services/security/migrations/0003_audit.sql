-- The audit trail: every row holds the hash of the row before it, so none can be changed, removed or put in unnoticed.
-- Times are whole microseconds because they are hashed.
create table audit_entries (
  sequence bigint primary key,
  event_id text not null,
  source text not null,
  occurred_at_us bigint not null,
  actor text not null,
  action text not null,
  entity text not null,
  result text not null,
  trace_id text not null,
  -- JSON as it was hashed, to the letter; jsonb would write it anew.
  details text not null,
  personal_of text not null,
  commitment text not null,
  previous_hash bytea not null,
  hash bytea not null
);
create index audit_entries_actor on audit_entries (actor, occurred_at_us, sequence);
create index audit_entries_entity on audit_entries (entity, occurred_at_us, sequence);
create index audit_entries_action on audit_entries (action, occurred_at_us, sequence);
create index audit_entries_time on audit_entries (occurred_at_us, sequence);

-- The erasable part of an entry. The entry holds only a salted commitment to it, so the chain survives the erasure.
create table audit_personal (
  sequence bigint primary key,
  user_id text not null,
  salt text not null,
  address text not null,
  user_agent text not null
);
create index audit_personal_user on audit_personal (user_id);

-- News of an erased user may still come in by a slower stream: nothing personal of them is kept any more.
create table audit_erased_users (
  user_id text primary key
);

create table audit_checkpoints (
  sequence bigint primary key,
  previous_sequence bigint not null,
  hash bytea not null,
  signed_at_us bigint not null,
  key_id text not null,
  signature bytea not null
);

-- The end of the chain. Whoever appends locks this row: one writer at a time, so the chain never forks.
create table audit_chain (
  only_one boolean primary key default true check (only_one),
  sequence bigint not null,
  hash bytea not null,
  checkpoint_sequence bigint not null
);
insert into audit_chain (sequence, hash, checkpoint_sequence) values (0, decode(repeat('00', 32), 'hex'), 0);

create function refuse_to_change_history() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger audit_entries_append_only before update or delete or truncate on audit_entries
  for each statement execute function refuse_to_change_history();
create trigger audit_checkpoints_append_only before update or delete or truncate on audit_checkpoints
  for each statement execute function refuse_to_change_history();
