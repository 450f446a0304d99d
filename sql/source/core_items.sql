-- source/core_items: the remaining items with enough events by the remaining users.
-- grain   item_id
-- reads   source_events(user_id, item_id), core_users(user_id), core_items(item_id)
-- params  $least  INTEGER, events

select item_id
from source_events
semi join core_users using (user_id)
semi join core_items using (item_id)
group by item_id
having count(*) >= $least
