-- source/events: the rows not dropped so far.
-- grain   file_row
-- reads   source_rows(user_id, item_id, rating, ts, file_row; weight where there is one), dropped(file_row)
-- params  none

select *
from source_rows
anti join dropped using (file_row)
