-- inspect/popularity_concentration: share of the interactions that goes to the most popular items.
-- grain   top_share
-- reads   interactions(item_id)
-- params  none

with items as (
    select count(*) as events
    from interactions
    group by item_id
),

ranked as (
    select
        events,
        row_number() over (order by events desc) as place,
        count(*) over () as items,
        sum(events) over () as interactions
    from items
),

tops as (
    select unnest([0.01, 0.05, 0.1, 0.2, 0.5]) as top_share
)

select
    cast(top_share as double) as top_share, -- of the items with interactions
    count(*) as items,
    cast(min(events) as bigint) as least_events, -- of the least popular of them
    sum(events) / any_value(interactions) as interaction_share
from tops
inner join ranked on place <= ceil(top_share * items)
group by top_share
order by top_share
