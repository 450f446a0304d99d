-- inspect/splits: rows, users, items, label rate and time range of each split, and of rows in no split.
-- grain   role
-- reads   timeline(user_id, item_id, label, ts, role)
-- params  none

select
    role, -- context, train, valid, test, gap or dropped
    count(*) as rows,
    count(*) / sum(count(*)) over () as share,
    count(distinct user_id) as users,
    count(distinct item_id) as items,
    avg(label) as label_rate, -- share of label 1
    min(ts) as first_ts,
    max(ts) as last_ts
from timeline
group by role
order by list_position(['context', 'train', 'valid', 'test', 'gap', 'dropped'], role), role
