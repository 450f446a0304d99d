-- construct/item_cases: each target of an item with the contexts the teacher reads, in the order they are asked.
-- user_id and history_* are the target user's.
-- grain   item_id
-- reads   item_targets, item_contexts

select
    item_targets.item_id,
    item_contexts.liker_id,
    item_contexts.liker_items,
    item_contexts.liker_ratings,
    item_contexts.disliker_id,
    item_contexts.disliker_items,
    item_contexts.disliker_ratings,
    item_targets.target_user_id as user_id,
    item_targets.history_items,
    item_targets.history_ratings,
    item_targets.label
from item_targets
inner join item_contexts on item_targets.item_id = item_contexts.item_id
order by item_targets.item_id
