create table notifications (
  -- Time-ordered.
  id uuid primary key,
  user_id uuid not null references profiles on delete cascade,
  kind text not null,
  title text not null,
  body text not null,
  -- What it is about, for a link: `order/…`.
  subject_ref text not null,
  created_at timestamptz not null,
  read_at timestamptz
);
create index notifications_of_user on notifications (user_id, id);
create index notifications_unread on notifications (user_id, id) where read_at is null;

-- Kept as they change: counting them at every look would cost more the longer nobody looks.
create table notification_counts (
  user_id uuid primary key references profiles on delete cascade,
  unread integer not null check (unread >= 0)
);
