-- contexts/candidate_histories: the part of a timeline that the histories of an item's candidates are made of.
-- grain   (user_id, rn)
-- reads   candidates, made by contexts/item_candidates; timeline
-- params  $history  BIGINT, events a history holds at most

with wanted as (
    select distinct
        drawn.user_id as user_id,
        unnest(range(greatest(drawn.history_rn - $history + 1, 1), drawn.history_rn + 1)) as rn
    from candidates
    -- Of several timelines' candidates those of this one's users: there are as many histories as candidates, whatever the parts.
    where drawn.user_id in (select user_id from timeline)
)

select timeline.*
from timeline
inner join wanted on timeline.user_id = wanted.user_id and timeline.rn = wanted.rn
