-- Operators cancel anybody's order and liquidate accounts, each act told to the audit trail.
insert into role_permissions (role, permission)
select role, permission
from unnest(array['operator', 'admin']) as role, unnest(array['order:place', 'order:cancel']) as permission;
