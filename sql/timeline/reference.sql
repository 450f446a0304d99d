-- timeline/reference: the split of the paper's public code, including its off-by-one.
-- Each user's rows in order of calendar day (UTC), ties in file order. Counting from 0, rows 0 to 9 are context, row 10 is
-- dropped, rows 11 to floor(0.8 n) train, the rest test.
-- grain   (user_id, rn)
-- reads   interactions
-- params  $context_rows  BIGINT, events in a user's context (10 in the paper's data)

with ordered as (
    select
        *,
        row_number() over by_day as rn,
        count(*) over (partition by user_id) as n
    from interactions
    window by_day as (partition by user_id order by cast(ts as date), file_row)
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
        when rn = $context_rows + 1 then 'dropped'
        when rn - 1 <= (4 * n) // 5 then 'train'
        else 'test'
    end as role
from ordered
