-- Splits and dividends change what everybody holds: a right of its own, beside that to list instruments.
insert into permissions (name) values ('corporate_action:apply');
insert into role_permissions (role, permission)
values ('operator', 'corporate_action:apply'), ('admin', 'corporate_action:apply');
