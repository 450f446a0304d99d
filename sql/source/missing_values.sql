-- source/missing_values: rows of the interactions that have nothing in a column.
-- grain   one row
-- reads   source_raw(c0 user, c1 item, c2 time, c3 what says whether the user liked the item)
-- params  none

select
    count(*) filter (where c0 is null) as user_rows,
    count(*) filter (where c1 is null) as item_rows,
    count(*) filter (where c2 is null) as time_rows,
    count(*) filter (where c3 is null) as value_rows
from source_raw
