-- inspect/item_popularity: items by their number of interactions, in classes that double; class 0 has no interactions.
-- grain   class
-- reads   interactions(item_id, label), items(item_id)
-- params  none

with met as (
    select
        item_id,
        count(*) as events,
        sum(label) as likes
    from interactions
    group by item_id
),

every_item as (
    select events, likes from met
    union all
    select 0 as events, 0 as likes
    from items
    anti join met using (item_id)
),

classes as (
    select
        if(events = 0, -1, cast(floor(log2(events)) as integer)) as class, -- 0: 1, 1: 2 to 3, 2: 4 to 7, …
        count(*) as items,
        cast(sum(events) as bigint) as interactions,
        sum(likes) / nullif(sum(events), 0) as label_rate
    from every_item
    group by class
)

select
    cast(if(class < 0, 0, 2 ** class) as bigint) as from_events,
    cast(if(class < 0, 0, 2 ** (class + 1) - 1) as bigint) as to_events, -- included
    items,
    items / sum(items) over () as item_share,
    interactions,
    interactions / sum(interactions) over () as interaction_share,
    label_rate -- share of label 1; null for items without interactions
from classes
order by class
