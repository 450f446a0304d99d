-- report/item_context: the histories that an item's knowledge was written from.
-- grain   (side, position)
-- reads   item_contexts, items(item_id, title)
-- params  $subject_id  the item
-- audits  none

with events as (
    select
        'liker' as side,
        unnest(liker_items) as item_id,
        unnest(liker_ratings) as rating,
        generate_subscripts(liker_items, 1) as position
    from item_contexts
    where item_id = $subject_id
    union all
    select
        'disliker' as side,
        unnest(disliker_items) as item_id,
        unnest(disliker_ratings) as rating,
        generate_subscripts(disliker_items, 1) as position
    from item_contexts
    where item_id = $subject_id
)

select
    e.side,
    coalesce(i.title, 'item ' || source_item_id(e.item_id)) as title,
    cast(e.rating as double) as rating -- stars
from events as e
left join items as i on e.item_id = i.item_id
order by e.side desc, e.position -- liker first
