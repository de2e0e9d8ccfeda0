-- A letter is applied where it lies, by the consumer that set it aside, once somebody has asked for that; how often it was tried in vain since.
alter table dead_letters
  add column requeued_at timestamptz,
  add column attempts integer not null default 0;
