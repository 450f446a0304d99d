-- inspect/history_lengths: rows of each split by history length.
-- grain   (split, events)
-- reads   samples(split, history_items)
-- params  none

select
    split, -- train, valid or test
    len(history_items) as events,
    count(*) as rows,
    count(*) / sum(count(*)) over (partition by split) as share -- of the split
from samples
group by split, events
order by list_position(['train', 'valid', 'test'], split), split, events
