-- train/split_sizes: number of rows, positive rows, total weight and longest history of each split.
-- grain   (split)
-- reads   samples(split, label, history_items; weight where there is one)

select
    split,
    count(*) as rows,
    cast(sum(columns('^(label|weight)$')) as double) as 'sum_\0', -- sum_label: rows with label 1; sum_weight: only where there is a weight
    max(len(history_items)) as longest_history -- events; null when every history is null
from samples
group by split
order by split
