-- source/missing_values: number of empty values in each column of the interactions, by column name.
-- grain   one row
-- reads   source_raw(c0 user, c1 item, c2 time, c3 rating, label or event; c4 weight where there is one)
-- params  none

select count(*) - count(columns('^c[0-4]$')) as '\0'
from source_raw
