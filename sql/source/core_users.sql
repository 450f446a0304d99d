-- source/core_users: the users with enough events on the remaining items.
-- grain   user_id
-- reads   source_events(user_id, item_id), core_items(item_id)
-- params  $least  INTEGER, events

select user_id
from source_events
semi join core_items using (item_id)
group by user_id
having count(*) >= $least
