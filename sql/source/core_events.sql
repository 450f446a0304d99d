-- source/core_events: the events of users and items that are left.
-- grain   file_row
-- reads   source_events(file_row, user_id, item_id, rating, ts), core_users(user_id), core_items(item_id)
-- params  none

select
    user_id,
    item_id,
    rating,
    ts,
    file_row
from source_events
semi join core_users using (user_id)
semi join core_items using (item_id)
