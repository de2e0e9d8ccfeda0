-- Nobody looks up by these but verification, which reads all there is: every leg paid for them.
drop index executions_by_order;
drop index entries_by_journal;
