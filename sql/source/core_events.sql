-- source/core_events: the events of the users and items that are left.
-- grain   file_row
-- reads   source_events(user_id, item_id, rating, ts, file_row; weight where there is one), core_users(user_id), core_items(item_id)
-- params  none

select *
from source_events
semi join core_users using (user_id)
semi join core_items using (item_id)
