-- source/missing_values: rows of the interactions that have nothing in a column, under the column's name.
-- grain   one row
-- reads   source_raw(c0 user, c1 item, c2 time, c3 what says whether the user liked the item; c4 weight where there is one)
-- params  none

select count(*) - count(columns('^c[0-4]$')) as '\0'
from source_raw
