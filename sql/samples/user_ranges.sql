-- samples/user_ranges: ranges of users with about equal numbers of events: the parts of samples.
-- grain   one range of users
-- reads   timeline
-- params  $part_rows  BIGINT, target number of events per part

with counts as (
    select
        user_id,
        sum(count(*)) over (order by user_id) as events_until
    from timeline
    group by user_id
)

select
    min(user_id) as first_user,
    max(user_id) as last_user
from counts
group by (events_until - 1) // $part_rows
order by first_user
