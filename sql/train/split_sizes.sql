-- train/split_sizes: how many rows each split has, how many of them are positive, and how long its longest history is.
-- grain   (split)
-- reads   samples(split, label, history_items)

select
    split,
    count(*) as rows,
    cast(sum(label) as bigint) as positives,
    max(len(history_items)) as longest_history -- events; null when every history is null
from samples
group by split
order by split
