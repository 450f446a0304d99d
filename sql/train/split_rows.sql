-- train/split_rows: the rows of one split in the order every model sees them before shuffling.
-- grain   (user_id, rn)
-- reads   samples(user_id, rn, item_id, label, split, history_items, history_ratings)
-- params  $split  VARCHAR, train, valid or test

select
    user_id,
    rn,
    item_id,
    label, -- 0 or 1
    history_items, -- oldest first
    history_ratings -- stars
from samples
where split = $split
order by user_id, rn
