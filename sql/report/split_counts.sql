-- report/split_counts: rows, users, items and positive rate of each split.
-- grain   split
-- reads   samples(split, user_id, item_id, label, ts)
-- params  none
-- audits  none

select
    split,
    count(*) as rows,
    count(distinct user_id) as users,
    count(distinct item_id) as items,
    avg(label) as positive_rate, -- share of label 1
    min(ts) as first_at,
    max(ts) as last_at
from samples
group by split
order by list_position(['train', 'valid', 'test'], split), split
