-- The four roles. Each of the three staff roles has all that the one before it has; everybody is a member as well.
insert into roles (name, description, is_default) values
  ('member', 'Trades, and sees and changes what is their own', true),
  ('support', 'Sees what users see, except credentials; changes nothing', false),
  ('operator', 'Runs the market and the ledger, and reviews onboarding', false),
  ('admin', 'Grants roles and reads the audit trail', false);

insert into permissions (name)
select resource_action || suffix
from unnest(array[
  'profile:read', 'profile:update', 'preferences:read', 'preferences:update', 'onboarding:review',
  'watchlist:read', 'watchlist:update', 'notification:read', 'notification:update', 'account_deletion:request',
  'session:read', 'session:revoke', 'password:change', 'api_key:create', 'api_key:read', 'api_key:revoke',
  'role:read', 'role:grant', 'audit:read',
  'account:read', 'account:open', 'account:update', 'account:close',
  'order:place', 'order:cancel', 'order:read', 'funding:create', 'funding:read', 'transfer:create', 'portfolio:read',
  'ledger:adjust', 'ledger:verify', 'fee_schedule:set', 'instrument:read', 'instrument:write', 'market:halt'
]) as resource_action, unnest(array['', ':own']) as suffix
-- What belongs to nobody in particular has no `own`.
where suffix = '' or split_part(resource_action, ':', 1) not in
  ('onboarding', 'audit', 'ledger', 'fee_schedule', 'instrument', 'market') and resource_action <> 'role:grant';

insert into role_permissions (role, permission)
select 'member', name from permissions where name like '%:own' or name = 'instrument:read';

insert into role_permissions (role, permission)
select role, permission
from unnest(array['support', 'operator', 'admin']) as role, unnest(array[
  'profile:read', 'preferences:read', 'watchlist:read', 'notification:read', 'account:read', 'order:read',
  'funding:read', 'portfolio:read', 'instrument:read'
]) as permission;

insert into role_permissions (role, permission)
select role, permission
from unnest(array['operator', 'admin']) as role, unnest(array[
  'ledger:adjust', 'ledger:verify', 'fee_schedule:set', 'market:halt', 'instrument:write', 'onboarding:review'
]) as permission;

insert into role_permissions (role, permission)
select 'admin', permission from unnest(array['role:read', 'role:grant', 'audit:read']) as permission;
