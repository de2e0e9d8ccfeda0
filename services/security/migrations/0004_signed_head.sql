-- The end of the chain is signed with every append: between two checkpoints too, nobody without the key writes rows that
-- are taken for ours. Empty until the first append.
alter table audit_chain add column key_id text not null default '';
alter table audit_chain add column signature bytea not null default '';
