-- contexts/user_contexts: the first events of each user who has samples, oldest first.
-- grain   user_id
-- reads   timeline
-- params  none

with packed as (
    select
        user_id,
        max(ts) as last_ts,
        list_sort(list({'rn': rn, 'item_id': item_id, 'rating': rating})) as events
    from timeline
    where
        role = 'context'
        and user_id in (select user_id from timeline where role in ('train', 'valid', 'test'))
    group by user_id
)

select
    user_id,
    last_ts,
    list_transform(events, event -> event.item_id) as history_items,
    list_transform(events, event -> event.rating) as history_ratings
from packed
