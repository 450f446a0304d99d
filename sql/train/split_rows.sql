-- train/split_rows: the rows of one split, in the order that all models see before shuffling.
-- grain   (user_id, rn)
-- reads   samples(user_id, rn, item_id, label, split, history_items, history_ratings; weight where there is one)
-- params  $split  VARCHAR, train, valid or test

select
    user_id,
    rn,
    item_id,
    columns('^(label|weight)$'), -- 0 or 1; what the row counts in training, only where there is a weight
    history_items, -- oldest first
    cast(history_ratings as float []) as history_ratings -- stars; see train/rating_values
from samples
where split = $split
order by user_id, rn
