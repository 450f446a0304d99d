-- audits/item_context_from_train: item contexts are built from training rows only; no validation or test label is in them.
-- grain   one context event that is not a training row
-- reads   item_contexts, samples
-- params  none

with pivots as (
    select item_id, liker_id as user_id, liker_ts as ts, 1 as label
    from item_contexts
    where liker_id is not null
    union all
    select item_id, disliker_id as user_id, disliker_ts as ts, 0 as label
    from item_contexts
    where disliker_id is not null
)

select
    item_id,
    user_id,
    ts,
    label
from pivots
where
    not exists (
        select 1
        from samples
        where
            samples.split = 'train' and samples.user_id = pivots.user_id and samples.item_id = pivots.item_id
            and samples.ts = pivots.ts and samples.label = pivots.label
    )
