-- source/kept_facts: totals of the kept interactions.
-- grain   one row
-- reads   source_interactions(user_id, item_id, rating, ts)
-- params  $positive_above  DOUBLE; a rating above it is label 1

select
    count(*) as rows,
    count(distinct user_id) as users,
    count(distinct item_id) as items,
    count(*) filter (where rating > $positive_above) as positives,
    count(*) - count(distinct (user_id, item_id, ts)) as repeated, -- rows that repeat an event
    min(ts) as first_at,
    max(ts) as last_at
from source_interactions
