-- For whoever has lost both their device and their recovery codes: an admin takes the second factor away, for a reason that auth keeps.
insert into permissions (name) values ('factor:remove');
insert into role_permissions (role, permission) values ('admin', 'factor:remove');
