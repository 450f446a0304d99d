-- contexts/candidate_histories: the part of a timeline that the histories of an item's candidates are made of.
-- grain   (user_id, rn)
-- reads   candidates, made by contexts/item_candidates; timeline
-- params  $history  BIGINT, events a history holds at most

with wanted as (
    select distinct
        drawn.user_id as user_id,
        unnest(range(greatest(drawn.history_rn - $history + 1, 1), drawn.history_rn + 1)) as rn
    from candidates
)

select timeline.*
from timeline
inner join wanted on timeline.user_id = wanted.user_id and timeline.rn = wanted.rn
