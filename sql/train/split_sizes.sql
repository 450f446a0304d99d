-- train/split_sizes: how many rows each split has, and how long its longest history is.
-- grain   (split)
-- reads   samples(split, history_items)

select
    split,
    count(*) as rows,
    max(len(history_items)) as longest_history -- events; null when every history is null
from samples
group by split
order by split
