-- report/dataset_counts: size of the dataset.
-- grain   one row, also when there are no interactions
-- reads   interactions(user_id, item_id, label, ts), items(item_id)
-- params  none
-- audits  none

select
    count(*) as interactions,
    count(distinct user_id) as users,
    count(distinct item_id) as rated_items,
    (select count(*) from items) as catalogue_items,
    avg(label) as positive_rate, -- share of label 1; null without interactions
    min(ts) as first_at,
    max(ts) as last_at
from interactions
