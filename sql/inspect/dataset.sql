-- inspect/dataset: number of interactions, users and items, their time range and density.
-- grain   one row, also when there are no interactions
-- reads   interactions(user_id, item_id, label, ts), items(item_id)
-- params  none

with counts as (
    select
        count(*) as interactions,
        count(distinct user_id) as users,
        count(distinct item_id) as items_met,
        avg(label) as label_rate,
        min(ts) as first_ts,
        max(ts) as last_ts
    from interactions
)

select
    interactions,
    users,
    items_met, -- items with interactions
    (select count(*) from items) as items_listed, -- items of the catalogue
    label_rate, -- share of label 1; null without interactions
    interactions / users as interactions_a_user, -- mean; null without users
    interactions / items_met as interactions_an_item, -- mean over items with any
    interactions / (cast(users as double) * items_met) as density, -- share of all pairs of user and item, pairs met twice counted twice
    first_ts,
    last_ts
from counts
