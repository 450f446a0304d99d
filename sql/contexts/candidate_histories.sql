-- contexts/candidate_histories: the timeline rows in the histories of the items' candidates.
-- grain   (user_id, rn)
-- reads   candidates, made by contexts/item_candidates; timeline
-- params  $history  BIGINT, maximum number of events in a history

with wanted as (
    select distinct
        drawn.user_id as user_id,
        unnest(range(greatest(drawn.history_rn - $history + 1, 1), drawn.history_rn + 1)) as rn
    from candidates
    -- Only candidates of this timeline's users: there is one history per candidate, however many parts the timeline has.
    where drawn.user_id in (select user_id from timeline)
)

select timeline.*
from timeline
inner join wanted on timeline.user_id = wanted.user_id and timeline.rn = wanted.rn
