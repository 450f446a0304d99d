-- train/unknown_items: items in samples that are missing from the catalogue, with the rows that contain them.
-- grain   (user_id, rn, item_id, role)
-- reads   samples(user_id, rn, item_id, split, history_items), items(item_id)

with named as (
    select
        user_id,
        rn,
        split,
        item_id,
        'the target' as role
    from samples
    union all
    select
        user_id,
        rn,
        split,
        unnest(history_items) as item_id,
        'in the history' as role
    from samples
)

select distinct
    user_id,
    rn,
    split,
    item_id,
    role -- the target or in the history
from named
anti join items using (item_id)
order by user_id, rn, role, item_id
