-- What the service's own questions need beyond the ledger's.

-- One symbol of one account, newest first.
create index activities_by_symbol on activities (account_id, symbol, occurred_at, id) where symbol is not null;

-- A buying power says what withdrawals hold; they are few beside the orders.
create index reservations_for_withdrawals on reservations (ledger_account_id) where state = 'open' and purpose = 'withdrawal';

-- What a user moved today, whichever of their accounts it was.
create index fundings_by_user on fundings (user_id, requested_at);

-- The fine snapshots are of use for a few days only.
create index snapshots_by_age on snapshots (timeframe, at);

-- All lots ever, oldest first: those that are spent included.
create index lots_by_account on lots (account_id, sequence);
