-- timeline/paper: one global cut in time: train before it, test after it; no validation rows.
-- Each user's rows in order of time, ties by item. Rows of one instant are never separated.
-- grain   (user_id, rn)
-- reads   interactions, cuts
-- params  $context_rows  BIGINT, events in a user's context; they belong to no split

with ordered as (
    select
        *,
        row_number() over (partition by user_id order by ts, item_id, file_row) as rn
    from interactions
)

select
    user_id,
    cast(rn as integer) as rn,
    item_id,
    rating,
    label,
    columns('^(ts|weight)$'), -- weight only where there is one
    cast(rn - 1 as integer) as history_rn,
    case
        when rn <= $context_rows then 'context'
        when ts <= train_until then 'train'
        when ts < test_from then 'gap'
        else 'test'
    end as role
from ordered
cross join cuts
