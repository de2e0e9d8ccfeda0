-- A user without a row has the defaults.
create table preferences (
  user_id uuid primary key references profiles on delete cascade,
  theme text not null check (theme in ('light', 'dark', 'system')),
  display_currency text not null check (display_currency ~ '^[A-Z]{3}$'),
  confirm_orders boolean not null,
  muted_notifications text[] not null,
  version bigint not null
);

alter table personal_data drop constraint personal_data_user_id_fkey,
  add foreign key (user_id) references profiles on delete cascade;
