-- What the system knows of a user. Personal data is in a table of its own, so that it can be erased whole.
create table profiles (
  user_id uuid primary key,
  locale text not null,
  timezone text not null,
  avatar_ref text not null default '',
  onboarding_state text not null check (onboarding_state in ('new', 'verified', 'approved', 'rejected')),
  onboarding_reason text not null default '',
  version bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((onboarding_state = 'rejected') = (onboarding_reason <> ''))
);

create table personal_data (
  user_id uuid primary key references profiles,
  email text not null,
  given_name text not null default '',
  family_name text not null default '',
  phone text not null default '',
  country text not null default ''
);
