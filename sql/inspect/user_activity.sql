-- inspect/user_activity: users by their number of interactions, in classes that double.
-- grain   class
-- reads   interactions(user_id, label)
-- params  none

with users as (
    select
        user_id,
        count(*) as events,
        sum(label) as likes
    from interactions
    group by user_id
),

classes as (
    select
        cast(floor(log2(events)) as integer) as class, -- 0: 1, 1: 2 to 3, 2: 4 to 7, …
        count(*) as users,
        cast(sum(events) as bigint) as interactions,
        sum(likes) / sum(events) as label_rate
    from users
    group by class
)

select
    cast(2 ** class as bigint) as from_events,
    cast(2 ** (class + 1) - 1 as bigint) as to_events, -- included
    users,
    users / sum(users) over () as user_share,
    interactions,
    interactions / sum(interactions) over () as interaction_share,
    label_rate -- share of label 1
from classes
order by class
