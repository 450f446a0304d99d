-- source/events: the rows that are not left out so far.
-- grain   file_row
-- reads   source_rows(file_row, user_id, item_id, rating, ts), dropped(file_row)
-- params  none

select
    user_id,
    item_id,
    rating,
    ts,
    file_row
from source_rows
anti join dropped using (file_row)
