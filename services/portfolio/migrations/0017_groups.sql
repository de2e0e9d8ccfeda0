-- Orders that are placed together: the first of a bracket and of an oto is the entry, all others are exits, which share what they hold. An order
-- that is to take a leg's place is that leg as well. See docs/decisions/0032.
alter table reservations
  add column group_id uuid,
  add column group_type text check (group_type in ('bracket', 'oco', 'oto')),
  add column group_leg smallint check (group_leg between 0 and 2),
  add constraint reservations_group check (num_nulls(group_id, group_type, group_leg) in (0, 3));
create index reservations_by_group on reservations (group_id) where group_id is not null;
