-- In the order of bytes, as symbols are: a prefix is then a range, which a plan made before the prefix is known can use.
create index instruments_by_name_in_order on instruments ((lower(name) collate "C"));
drop index instruments_by_name;
