-- Events that leave this database. `position` is taken while the writer holds the locks of what it changed, so for one
-- order, account or user the positions are in the order in which the changes happened.
create table outbox (
  position bigint generated always as identity primary key,
  id uuid not null,
  subject text not null,
  headers jsonb not null,
  payload bytea not null,
  created_at timestamptz not null default now()
);

-- The relay needs every writer to have its transaction id before it takes a position (see docs/decisions/0010).
create function outbox_take_transaction_id() returns trigger language plpgsql as $$
begin
  perform pg_current_xact_id();
  return null;
end $$;

create trigger outbox_take_transaction_id before insert on outbox
  for each statement execute function outbox_take_transaction_id();

-- How far the relay has published.
create table outbox_cursor (
  only_one boolean primary key default true check (only_one),
  position bigint not null
);
insert into outbox_cursor (position) values (0);

-- What each consumer has applied, written in the transaction that applied it.
create table inbox (
  consumer text not null,
  event_id text not null,
  received_at timestamptz not null default now(),
  primary key (consumer, event_id)
);
create index inbox_received_at on inbox using brin (received_at);

-- How far each consumer has read its stream: everything up to here is applied or a dead letter.
create table inbox_positions (
  consumer text primary key,
  stream_sequence bigint not null,
  event_id text not null
);

create table dead_letters (
  id uuid primary key,
  consumer text not null,
  event_id text not null,
  subject text not null,
  headers jsonb not null,
  payload bytea not null,
  error text not null,
  failed_at timestamptz not null default now(),
  deliveries integer not null
);
create index dead_letters_consumer on dead_letters (consumer, id);
