-- Of consumers that say so: what a message said, as a digest. The same id with other contents is no repetition.
alter table inbox add column contents text;
