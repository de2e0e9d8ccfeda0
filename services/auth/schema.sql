-- What the migrations and functions make, for reading. Written by `npx vitest run test/schema -u`, compared by `test/schema.test.ts`.

create table api_keys (
  id uuid not null,
  user_id uuid not null,
  name text not null,
  secret_hash bytea not null,
  scopes text[] not null,
  daily_notional_cap bigint not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id) ON DELETE CASCADE,
  constraint api_keys_daily_notional_cap_check CHECK (daily_notional_cap >= 0)
);
CREATE INDEX api_keys_of_user ON api_keys USING btree (user_id, id) WHERE (revoked_at IS NULL);

create table development_mails (
  id uuid not null,
  to_email text not null,
  subject text not null,
  body text not null,
  created_at timestamp with time zone not null,
  constraint development_mails_pkey PRIMARY KEY (id)
);
CREATE INDEX development_mails_to ON development_mails USING btree (to_email, id);

create table factor_challenges (
  token_hash bytea not null,
  user_id uuid not null,
  failures integer not null,
  expires_at timestamp with time zone not null,
  constraint factor_challenges_pkey PRIMARY KEY (token_hash),
  constraint factor_challenges_user_id_fkey FOREIGN KEY (user_id) REFERENCES factors(user_id) ON DELETE CASCADE,
  constraint factor_challenges_failures_check CHECK (failures >= 0)
);
CREATE INDEX factor_challenges_expires_at ON factor_challenges USING btree (expires_at);
CREATE INDEX factor_challenges_user ON factor_challenges USING btree (user_id);

create table factor_removals (
  id uuid not null,
  user_id uuid not null,
  removed_by text not null,
  reason text not null,
  removed_at timestamp with time zone not null,
  constraint factor_removals_pkey PRIMARY KEY (id),
  constraint factor_removals_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id) ON DELETE CASCADE
);
CREATE INDEX factor_removals_user ON factor_removals USING btree (user_id);

create table factors (
  user_id uuid not null,
  sealed_secret bytea not null,
  sealed_with text not null,
  created_at timestamp with time zone not null,
  enabled_at timestamp with time zone,
  last_step bigint not null,
  failures integer not null,
  last_failed_at timestamp with time zone not null,
  locked_until timestamp with time zone,
  guessed_from text,
  told_at timestamp with time zone,
  constraint factors_pkey PRIMARY KEY (user_id),
  constraint factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id) ON DELETE CASCADE,
  constraint factors_failures_check CHECK (failures >= 0)
);
CREATE INDEX factors_sealed_with ON factors USING btree (sealed_with, user_id);

create table known_clients (
  user_id uuid not null,
  address text not null,
  user_agent text not null,
  last_seen_at timestamp with time zone not null,
  constraint known_clients_pkey PRIMARY KEY (user_id, address, user_agent),
  constraint known_clients_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id) ON DELETE CASCADE
);
CREATE INDEX known_clients_last_seen_at ON known_clients USING btree (last_seen_at);

create table password_resets (
  token_hash bytea not null,
  user_id uuid,
  email_key bytea not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint password_resets_pkey PRIMARY KEY (token_hash),
  constraint password_resets_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id) ON DELETE CASCADE
);
CREATE INDEX password_resets_created_at ON password_resets USING btree (created_at);
CREATE INDEX password_resets_email_key ON password_resets USING btree (email_key, created_at);
CREATE INDEX password_resets_user ON password_resets USING btree (user_id);

create table recovery_codes (
  user_id uuid not null,
  code_hash bytea not null,
  constraint recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
  constraint recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES factors(user_id) ON DELETE CASCADE
);

create table refresh_tokens (
  token_hash bytea not null,
  session_id uuid not null,
  generation bigint not null,
  constraint refresh_tokens_pkey PRIMARY KEY (token_hash),
  constraint refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(session_id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_session ON refresh_tokens USING btree (session_id);

create table registrations (
  token_hash bytea not null,
  user_id uuid not null,
  email text not null,
  password_hash text not null,
  given_name text not null,
  family_name text not null,
  locale text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  verified_at timestamp with time zone,
  constraint registrations_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX registrations_email ON registrations USING btree (email, created_at);
CREATE INDEX registrations_expires_at ON registrations USING btree (expires_at);

create table sessions (
  session_id uuid not null,
  user_id uuid not null,
  address text not null,
  user_agent text not null,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  generation bigint not null,
  rotated_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  revoke_reason text,
  sealed_successor bytea,
  authenticated_at timestamp with time zone not null,
  constraint sessions_pkey PRIMARY KEY (session_id),
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id) ON DELETE CASCADE,
  constraint sessions_check CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);
CREATE INDEX sessions_ends_at ON sessions USING btree (ends_at);
CREATE INDEX sessions_of_user ON sessions USING btree (user_id, session_id) WHERE (revoked_at IS NULL);
CREATE INDEX sessions_revoked_at ON sessions USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);

create table signing_keys (
  key_id text not null,
  public_jwk text not null,
  sealed_private_key bytea not null,
  active_from timestamp with time zone not null,
  created_at timestamp with time zone not null,
  constraint signing_keys_pkey PRIMARY KEY (key_id)
);

create table throttles (
  key bytea not null,
  failures integer not null,
  last_failed_at timestamp with time zone not null,
  locked_until timestamp with time zone,
  constraint throttles_pkey PRIMARY KEY (key)
);
CREATE INDEX throttles_last_failed_at ON throttles USING btree (last_failed_at);

create table users (
  user_id uuid not null,
  email text not null,
  password_hash text not null,
  roles_version bigint not null default 0,
  created_at timestamp with time zone not null,
  password_changed_at timestamp with time zone not null,
  constraint users_pkey PRIMARY KEY (user_id),
  constraint users_email_key UNIQUE (email)
);
