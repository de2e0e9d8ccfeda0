-- Searches are answered from the service's memory of all instruments.
drop index instruments_by_trigrams;
drop index instruments_by_name_in_order;
