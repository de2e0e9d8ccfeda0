-- What the migrations and functions make, for reading. Written by `npx vitest run test/schema -u`, compared by `test/schema.test.ts`.

create table deletions (
  user_id uuid not null,
  state text not null,
  reason text not null default ''::text,
  pseudonym uuid,
  waiting_for text[] not null default '{}'::text[],
  requested_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  next_step_at timestamp with time zone not null,
  attempts integer not null default 0,
  constraint deletions_pkey PRIMARY KEY (user_id),
  constraint deletions_check CHECK ((state = 'refused'::text) = (reason <> ''::text)),
  constraint deletions_check1 CHECK ((state = ANY (ARRAY['refused'::text, 'completed'::text])) = (finished_at IS NOT NULL)),
  constraint deletions_check2 CHECK ((state = 'erasing'::text) = (pseudonym IS NOT NULL)),
  constraint deletions_state_check CHECK (state = ANY (ARRAY['requested'::text, 'checking'::text, 'refused'::text, 'erasing'::text, 'completed'::text]))
);
CREATE INDEX deletions_under_way ON deletions USING btree (next_step_at) WHERE (state = ANY (ARRAY['requested'::text, 'checking'::text, 'erasing'::text]));

create table notification_counts (
  user_id uuid not null,
  unread integer not null,
  constraint notification_counts_pkey PRIMARY KEY (user_id),
  constraint notification_counts_user_id_fkey FOREIGN KEY (user_id) REFERENCES profiles(user_id) ON DELETE CASCADE,
  constraint notification_counts_unread_check CHECK (unread >= 0)
);

create table notifications (
  id uuid not null,
  user_id uuid not null,
  kind text not null,
  title text not null,
  body text not null,
  subject_ref text not null,
  created_at timestamp with time zone not null,
  read_at timestamp with time zone,
  constraint notifications_pkey PRIMARY KEY (id),
  constraint notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES profiles(user_id) ON DELETE CASCADE
);
CREATE INDEX notifications_of_user ON notifications USING btree (user_id, id);
CREATE INDEX notifications_unread ON notifications USING btree (user_id, id) WHERE (read_at IS NULL);

create table personal_data (
  user_id uuid not null,
  email text not null,
  given_name text not null default ''::text,
  family_name text not null default ''::text,
  phone text not null default ''::text,
  country text not null default ''::text,
  constraint personal_data_pkey PRIMARY KEY (user_id),
  constraint personal_data_user_id_fkey FOREIGN KEY (user_id) REFERENCES profiles(user_id) ON DELETE CASCADE
);
CREATE INDEX personal_data_email ON personal_data USING btree (lower(email) text_pattern_ops);
CREATE INDEX personal_data_family_name ON personal_data USING btree (lower(family_name) text_pattern_ops);
CREATE INDEX personal_data_given_name ON personal_data USING btree (lower(given_name) text_pattern_ops);

create table preferences (
  user_id uuid not null,
  theme text not null,
  display_currency text not null,
  confirm_orders boolean not null,
  muted_notifications text[] not null,
  version bigint not null,
  colours text not null default 'teal'::text,
  density text not null default 'calm'::text,
  hide_amounts boolean not null default false,
  single_keys_off boolean not null default false,
  number_format text not null default ''::text,
  chart_timeframe text not null default 'minute'::text,
  chart_view text not null default 'candles'::text,
  watchlist text not null default ''::text,
  blotter_height integer not null default 232,
  constraint preferences_pkey PRIMARY KEY (user_id),
  constraint preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES profiles(user_id) ON DELETE CASCADE,
  constraint preferences_blotter_height_check CHECK (blotter_height >= 100 AND blotter_height <= 2000),
  constraint preferences_chart_timeframe_check CHECK (chart_timeframe = ANY (ARRAY['minute'::text, 'minute_5'::text, 'minute_15'::text, 'hour'::text, 'day'::text, 'week'::text, 'month'::text])),
  constraint preferences_chart_view_check CHECK (chart_view = ANY (ARRAY['candles'::text, 'table'::text])),
  constraint preferences_colours_check CHECK (colours = ANY (ARRAY['teal'::text, 'sky'::text, 'green_red'::text, 'red_up'::text])),
  constraint preferences_density_check CHECK (density = ANY (ARRAY['calm'::text, 'dense'::text])),
  constraint preferences_display_currency_check CHECK (display_currency ~ '^[A-Z]{3}$'::text),
  constraint preferences_number_format_check CHECK (length(number_format) <= 35),
  constraint preferences_theme_check CHECK (theme = ANY (ARRAY['light'::text, 'dark'::text, 'system'::text])),
  constraint preferences_watchlist_check CHECK (length(watchlist) <= 100)
);

create table profiles (
  user_id uuid not null,
  locale text not null,
  timezone text not null,
  avatar_ref text not null default ''::text,
  onboarding_state text not null,
  onboarding_reason text not null default ''::text,
  version bigint not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint profiles_pkey PRIMARY KEY (user_id),
  constraint profiles_check CHECK ((onboarding_state = 'rejected'::text) = (onboarding_reason <> ''::text)),
  constraint profiles_onboarding_state_check CHECK (onboarding_state = ANY (ARRAY['new'::text, 'verified'::text, 'approved'::text, 'rejected'::text]))
);

create table watchlists (
  id uuid not null,
  user_id uuid not null,
  name text not null,
  place integer not null,
  symbols text[] not null,
  version bigint not null default 1,
  constraint watchlists_pkey PRIMARY KEY (id),
  constraint watchlists_user_id_fkey FOREIGN KEY (user_id) REFERENCES profiles(user_id) ON DELETE CASCADE,
  constraint watchlists_symbols_check CHECK (cardinality(symbols) <= 200)
);
CREATE INDEX watchlists_of_user ON watchlists USING btree (user_id, place, id);
CREATE UNIQUE INDEX watchlists_name ON watchlists USING btree (user_id, lower(name));
