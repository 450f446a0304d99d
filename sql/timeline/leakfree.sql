-- timeline/leakfree: global cuts in time into train, valid and test, with nothing simultaneous in any history.
-- Each user's rows in order of time, ties by item. A row's history ends before the first row of its own instant. A user's first
-- rows are context; rows of the same instant as the last of them are dropped.
-- grain   (user_id, rn)
-- reads   interactions
-- params  $context_rows  BIGINT, events a user's context holds; they are neither train nor valid nor test
--         $valid_share   DOUBLE, share of all interactions between the two cuts
--         $test_share    DOUBLE, share of all interactions after the second cut

-- Decimal shares: in doubles 1 - 0.2 - 0.1 lies above 0.7, which would move the cut by one row.
with cuts as (
    select
        quantile_disc(ts, cast(1 - $test_share - $valid_share as decimal(18, 9))) as train_until,
        quantile_disc(ts, cast(1 - $test_share as decimal(18, 9))) as valid_until
    from interactions
),

ordered as (
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
    ts,
    cast(instant_rn - 1 as integer) as history_rn,
    case
        when rn <= $context_rows then 'context'
        when ts <= context_until then 'dropped'
        when ts <= train_until then 'train'
        when ts <= valid_until then 'valid'
        else 'test'
    end as role
from ordered
cross join cuts
