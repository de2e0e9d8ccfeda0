-- Whoever changes a user's lists locks the user's profile, so that limits, names and the order hold.
create table watchlists (
  id uuid primary key,
  user_id uuid not null references profiles on delete cascade,
  name text not null,
  -- In the user's order, lists as well as symbols.
  place integer not null,
  symbols text[] not null check (cardinality(symbols) <= 200),
  version bigint not null default 1
);
create index watchlists_of_user on watchlists (user_id, place, id);
create unique index watchlists_name on watchlists (user_id, lower(name));
