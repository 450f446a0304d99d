-- timeline/leakfree: global cuts in time into train, valid and test; histories hold no simultaneous events.
-- Each user's rows in order of time, ties by item. A row's history ends before the first row of its own instant. A user's first
-- rows are context; further rows at the instant of the last context row are dropped.
-- grain   (user_id, rn)
-- reads   interactions, cuts
-- params  $context_rows  BIGINT, events in a user's context; they belong to no split

with ordered as (
    select
        *,
        row_number() over by_time as rn,
        rank() over (partition by user_id order by ts) as instant_rn,
        nth_value(ts, $context_rows) over (
            by_time rows between unbounded preceding and unbounded following
        ) as context_until
    from interactions
    window by_time as (partition by user_id order by ts, item_id, file_row)
)

select
    user_id,
    cast(rn as integer) as rn,
    item_id,
    rating,
    label,
    columns('^(ts|weight)$'), -- weight only where there is one
    cast(instant_rn - 1 as integer) as history_rn,
    case
        when rn <= $context_rows then 'context'
        when ts <= context_until then 'dropped'
        when ts <= train_until then 'train'
        when ts < valid_from then 'gap'
        when ts <= valid_until then 'valid'
        when ts < test_from then 'gap'
        else 'test'
    end as role
from ordered
cross join cuts
