-- The refresh token of the current generation, sealed with the one before it: whoever presents that one within the grace
-- gets the same successor as whoever came first. Nobody else can open it, with this database or without.
alter table sessions add column sealed_successor bytea;
-- When a password was last typed for this session; what is hard to undo asks for a recent one.
alter table sessions add column authenticated_at timestamptz;
update sessions set authenticated_at = created_at;
alter table sessions alter column authenticated_at set not null;
