-- Whoever looks after users finds them by the beginning of what they are known by.
create index personal_data_email on personal_data (lower(email) text_pattern_ops);
create index personal_data_given_name on personal_data (lower(given_name) text_pattern_ops);
create index personal_data_family_name on personal_data (lower(family_name) text_pattern_ops);
