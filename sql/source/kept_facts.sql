-- source/kept_facts: what the interactions that are kept amount to.
-- grain   one row
-- reads   source_interactions(user_id, item_id, rating, ts)
-- params  $positive_above  DOUBLE; a rating above it is label 1

select
    count(*) as rows,
    count(distinct user_id) as users,
    count(distinct item_id) as items,
    count(*) filter (where rating > $positive_above) as positives,
    count(*) - count(distinct (user_id, item_id, ts)) as repeated, -- events told more than once
    min(ts) as first_at,
    max(ts) as last_at
from source_interactions
