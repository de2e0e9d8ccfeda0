-- Why somebody did something, in their words: in the part of an entry that is erased with its user. Entries of before have none.
alter table audit_personal add reason text not null default '';
