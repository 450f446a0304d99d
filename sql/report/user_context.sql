-- report/user_context: the events that a user's knowledge was written from.
-- grain   position
-- reads   user_contexts, items(item_id, title)
-- params  $subject_id  the user
-- audits  none

with events as (
    select
        'history' as side,
        unnest(history_items) as item_id,
        unnest(history_ratings) as rating,
        generate_subscripts(history_items, 1) as position
    from user_contexts
    where user_id = $subject_id
)

select
    e.side,
    coalesce(i.title, 'item ' || source_item_id(e.item_id)) as title,
    cast(e.rating as double) as rating -- stars
from events as e
left join items as i on e.item_id = i.item_id
order by e.position
