-- Who has proved that an address is theirs. Before that there is no account, only a registration.
create table users (
  user_id uuid primary key,
  email text not null unique,
  password_hash text not null,
  -- The newest that security has told of; travels in access tokens.
  roles_version bigint not null default 0,
  created_at timestamptz not null,
  password_changed_at timestamptz not null
);

-- Attempts to open an account, each with a password and a token of its own: whoever opens the letter of one of them gets
-- the account with the password of that very attempt, whatever strangers have asked for with the same address.
create table registrations (
  token_hash bytea primary key,
  user_id uuid not null,
  email text not null,
  password_hash text not null,
  given_name text not null,
  family_name text not null,
  locale text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Kept until it expires, so that a second click on the same link finds everything done.
  verified_at timestamptz
);
create index registrations_email on registrations (email, created_at);
create index registrations_expires_at on registrations (expires_at);

create table sessions (
  session_id uuid primary key,
  user_id uuid not null references users on delete cascade,
  address text not null,
  user_agent text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  ends_at timestamptz not null,
  expires_at timestamptz not null,
  generation bigint not null,
  rotated_at timestamptz not null,
  revoked_at timestamptz,
  revoke_reason text,
  check ((revoked_at is null) = (revoke_reason is null))
);
create index sessions_of_user on sessions (user_id, session_id) where revoked_at is null;
create index sessions_ends_at on sessions (ends_at);
create index sessions_revoked_at on sessions (revoked_at) where revoked_at is not null;

-- Every refresh token that was handed out, by the hash of its 256 random bits. Which are good follows from the session's
-- generation; the others are kept to recognise one that comes back.
create table refresh_tokens (
  token_hash bytea primary key,
  session_id uuid not null references sessions on delete cascade,
  generation bigint not null
);
create index refresh_tokens_session on refresh_tokens (session_id);

-- From where a user has signed in.
create table known_clients (
  user_id uuid not null references users on delete cascade,
  address text not null,
  user_agent text not null,
  last_seen_at timestamptz not null,
  primary key (user_id, address, user_agent)
);
create index known_clients_last_seen_at on known_clients (last_seen_at);

-- Failed attempts. The keys are hashes: nobody's address is kept for having been guessed.
create table throttles (
  key bytea primary key,
  failures integer not null,
  last_failed_at timestamptz not null,
  locked_until timestamptz
);
create index throttles_last_failed_at on throttles (last_failed_at);

-- One row for every letter asked for, with no user where nobody has the address: both cost the same.
create table password_resets (
  token_hash bytea primary key,
  user_id uuid references users on delete cascade,
  email_key bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index password_resets_email_key on password_resets (email_key, created_at);
create index password_resets_user on password_resets (user_id);
create index password_resets_created_at on password_resets (created_at);

create table api_keys (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  name text not null,
  secret_hash bytea not null,
  scopes text[] not null,
  daily_notional_cap bigint not null check (daily_notional_cap >= 0),
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_keys_of_user on api_keys (user_id, id) where revoked_at is null;

-- The private half is sealed with AES-256-GCM under a key that is not in this database.
create table signing_keys (
  key_id text primary key,
  public_jwk text not null,
  sealed_private_key bytea not null,
  active_from timestamptz not null,
  created_at timestamptz not null
);

-- Filled in development and tests only.
create table development_mails (
  id uuid primary key,
  to_email text not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null
);
create index development_mails_to on development_mails (to_email, id);
