-- A second factor: the shared secret of one-time codes, sealed. Without enabled_at it waits for its first code and counts for nothing.
create table factors (
  user_id uuid primary key references users on delete cascade,
  sealed_secret bytea not null,
  -- Which key sealed it, so that a key that was replaced can be given up some day.
  sealed_with text not null,
  created_at timestamptz not null,
  enabled_at timestamptz,
  -- The last step of the clock whose code was accepted: neither that code nor an older one counts again.
  last_step bigint not null,
  failures integer not null check (failures >= 0),
  last_failed_at timestamptz not null,
  locked_until timestamptz
);
create index factors_sealed_with on factors (sealed_with, user_id);

-- Each is deleted as it is used.
create table recovery_codes (
  user_id uuid not null references factors on delete cascade,
  code_hash bytea not null,
  primary key (user_id, code_hash)
);

-- Passwords that were right and wait for the second factor. They end with the factor.
create table factor_challenges (
  token_hash bytea primary key,
  user_id uuid not null references factors on delete cascade,
  failures integer not null check (failures >= 0),
  expires_at timestamptz not null
);
create index factor_challenges_user on factor_challenges (user_id);
create index factor_challenges_expires_at on factor_challenges (expires_at);

-- Who took a factor from whom, and why, in an operator's words.
create table factor_removals (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  removed_by text not null,
  reason text not null,
  removed_at timestamptz not null
);
create index factor_removals_user on factor_removals (user_id);
