-- From when on prices are of new shares; and that a split was said to be over, which lets trading go on.
alter table corporate_actions add column effective_at_us bigint not null default 0;
alter table corporate_actions add column told_at timestamptz;
update corporate_actions action set told_at = now()
where not exists (select 1 from corporate_action_accounts due where due.action_id = action.id and due.done_at is null);
create index corporate_actions_untold on corporate_actions (sequence) where told_at is null;
create index corporate_action_accounts_by_account on corporate_action_accounts (account_id);
