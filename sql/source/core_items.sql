-- source/core_items: of the items that are left, those with enough events by the users that are left, and how many events those are.
-- grain   item_id
-- reads   source_events(user_id, item_id), core_users(user_id), core_items(item_id)
-- params  $least  INTEGER, events

select item_id
from source_events
semi join core_users using (user_id)
semi join core_items using (item_id)
group by item_id
having count(*) >= $least
