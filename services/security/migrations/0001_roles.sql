-- Who may do what. Roles and permissions are data: a new one is a migration, not a release of every service.
create table permissions (
  name text primary key check (name ~ '^[a-z_]+:[a-z_]+(:own)?$')
);

create table roles (
  name text primary key check (name ~ '^[a-z_]+$'),
  description text not null,
  -- Everybody has it without any grant, from the moment they exist.
  is_default boolean not null default false
);

create table role_permissions (
  role text not null references roles,
  permission text not null references permissions,
  primary key (role, permission)
);

-- One row for each user whose roles were ever changed. Whoever changes a user's roles locks the row, so that the
-- versions of one user have no gaps and come in order. A user without a row is at version 1.
create table role_holders (
  user_id uuid primary key,
  roles_version bigint not null default 1
);

create table role_grants (
  id uuid primary key,
  user_id uuid not null references role_holders,
  role text not null references roles,
  -- A user id, or `service:` and a name.
  granted_by text not null,
  -- Written by people, so it may be about people: emptied when the user is erased.
  reason text not null,
  granted_at timestamptz not null,
  expires_at timestamptz,
  ended_at timestamptz,
  ended_as text check (ended_as in ('revoked', 'expired', 'replaced', 'erased')),
  ended_by text,
  end_reason text not null default '',
  check ((ended_at is null) = (ended_as is null)),
  check ((ended_at is null) = (ended_by is null))
);

create unique index role_grants_one_at_a_time on role_grants (user_id, role) where ended_at is null;
create index role_grants_in_force on role_grants (id) where ended_at is null;
create index role_grants_running_out on role_grants (expires_at) where ended_at is null and expires_at is not null;
