-- report/split_counts: rows, users, items, positive rate and total weight of each split.
-- grain   split
-- reads   samples(split, user_id, item_id, label, ts; weight where there is one)
-- params  none
-- audits  none

select
    split,
    count(*) as rows,
    count(distinct user_id) as users,
    count(distinct item_id) as items,
    avg(label) as positive_rate, -- share of label 1
    cast(sum(columns('^(label|weight)$')) as double) as 'sum_\0', -- sum_label: rows of label 1; sum_weight: only where there is a weight
    min(ts) as first_at,
    max(ts) as last_at
from samples
group by split
order by list_position(['train', 'valid', 'test'], split), split
