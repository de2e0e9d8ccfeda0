-- What the migrations and functions make, for reading. Written by `npx vitest run test/schema -u`, compared by `test/schema.test.ts`.

create table audit_chain (
  only_one boolean not null default true,
  sequence bigint not null,
  hash bytea not null,
  checkpoint_sequence bigint not null,
  key_id text not null default ''::text,
  signature bytea not null default '\x'::bytea,
  constraint audit_chain_pkey PRIMARY KEY (only_one),
  constraint audit_chain_only_one_check CHECK (only_one)
);

create table audit_checkpoints (
  sequence bigint not null,
  previous_sequence bigint not null,
  hash bytea not null,
  signed_at_us bigint not null,
  key_id text not null,
  signature bytea not null,
  constraint audit_checkpoints_pkey PRIMARY KEY (sequence)
);
CREATE TRIGGER audit_checkpoints_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();

create table audit_entries (
  sequence bigint not null,
  event_id text not null,
  source text not null,
  occurred_at_us bigint not null,
  actor text not null,
  action text not null,
  entity text not null,
  result text not null,
  trace_id text not null,
  details text not null,
  personal_of text not null,
  commitment text not null,
  previous_hash bytea not null,
  hash bytea not null,
  constraint audit_entries_pkey PRIMARY KEY (sequence)
);
CREATE INDEX audit_entries_action ON audit_entries USING btree (action, occurred_at_us, sequence);
CREATE INDEX audit_entries_actor ON audit_entries USING btree (actor, occurred_at_us, sequence);
CREATE INDEX audit_entries_entity ON audit_entries USING btree (entity, occurred_at_us, sequence);
CREATE INDEX audit_entries_time ON audit_entries USING btree (occurred_at_us, sequence);
CREATE TRIGGER audit_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();

create table audit_erased_users (
  user_id text not null,
  constraint audit_erased_users_pkey PRIMARY KEY (user_id)
);

create table audit_personal (
  sequence bigint not null,
  user_id text not null,
  salt text not null,
  address text not null,
  user_agent text not null,
  reason text not null default ''::text,
  constraint audit_personal_pkey PRIMARY KEY (sequence)
);
CREATE INDEX audit_personal_user ON audit_personal USING btree (user_id);

create table permissions (
  name text not null,
  constraint permissions_pkey PRIMARY KEY (name),
  constraint permissions_name_check CHECK (name ~ '^[a-z_]+:[a-z_]+(:own)?$'::text)
);

create table role_grants (
  id uuid not null,
  user_id uuid not null,
  role text not null,
  granted_by text not null,
  reason text not null,
  granted_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  ended_at timestamp with time zone,
  ended_as text,
  ended_by text,
  end_reason text not null default ''::text,
  constraint role_grants_pkey PRIMARY KEY (id),
  constraint role_grants_role_fkey FOREIGN KEY (role) REFERENCES roles(name),
  constraint role_grants_user_id_fkey FOREIGN KEY (user_id) REFERENCES role_holders(user_id),
  constraint role_grants_check CHECK ((ended_at IS NULL) = (ended_as IS NULL)),
  constraint role_grants_check1 CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
  constraint role_grants_ended_as_check CHECK (ended_as = ANY (ARRAY['revoked'::text, 'expired'::text, 'replaced'::text, 'erased'::text]))
);
CREATE INDEX role_grants_in_force ON role_grants USING btree (id) WHERE (ended_at IS NULL);
CREATE INDEX role_grants_running_out ON role_grants USING btree (expires_at) WHERE ((ended_at IS NULL) AND (expires_at IS NOT NULL));
CREATE UNIQUE INDEX role_grants_one_at_a_time ON role_grants USING btree (user_id, role) WHERE (ended_at IS NULL);

create table role_holders (
  user_id uuid not null,
  roles_version bigint not null default 1,
  constraint role_holders_pkey PRIMARY KEY (user_id)
);

create table role_permissions (
  role text not null,
  permission text not null,
  constraint role_permissions_pkey PRIMARY KEY (role, permission),
  constraint role_permissions_permission_fkey FOREIGN KEY (permission) REFERENCES permissions(name),
  constraint role_permissions_role_fkey FOREIGN KEY (role) REFERENCES roles(name)
);

create table roles (
  name text not null,
  description text not null,
  is_default boolean not null default false,
  constraint roles_pkey PRIMARY KEY (name),
  constraint roles_name_check CHECK (name ~ '^[a-z_]+$'::text)
);

-- function refuse_to_change_history() returns trigger
