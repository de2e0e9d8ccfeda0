-- A batch of fills shares a journal, and another for the fees under each schedule. In them a client's entries stay one for each execution,
-- which they name; what meets in the system's accounts and the house's is one entry for each account and asset.
alter table entries add column reference text;

-- The journal that a leg is booked in. Those of before have one of their own, named after the leg.
alter table executions add column journal_id uuid;
create index executions_by_order on executions (order_id);
