-- inspect/repeated_pairs: how often users interacted with the same item again, and how often with another label.
-- grain   times
-- reads   interactions(user_id, item_id, label)
-- params  none

with pairs as (
    select
        count(*) as times,
        min(label) <> max(label) as is_mixed
    from interactions
    group by user_id, item_id
)

select
    times, -- how often the pair occurs
    count(*) as pairs,
    count(*) filter (where is_mixed) as pairs_of_both_labels
from pairs
group by times
order by times
