-- From where the wrong codes came that are counted, as a hash; null where from several places. Only a right code from there clears the count.
alter table factors add guessed_from text;
-- When its owner was last told of a wrong code.
alter table factors add told_at timestamptz;
