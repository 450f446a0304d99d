-- train/chunk_rows: the rows of one split in a stretch of one part of samples.
-- grain   (user_id, rn), in the order of the part where the database preserves insertion order
-- reads   the part's file, as samples(user_id, rn, item_id, label, split, history_items, history_ratings; weight where there is one)
-- params  $part       VARCHAR, absolute path as a pattern, so that none of its letters is a glob
--         $split      VARCHAR, train, valid or test
--         $first_row  BIGINT, index of the stretch's first row in the part, from 0
--         $last_row   BIGINT, index of its last row

select
    user_id,
    rn,
    item_id,
    columns('^(label|weight)$'), -- 0 or 1; what the row counts in training, only where there is a weight
    history_items, -- oldest first
    cast(history_ratings as float []) as history_ratings -- stars; see train/rating_values
from read_parquet($part, hive_partitioning = false, file_row_number = true)
where file_row_number between $first_row and $last_row
    and split = $split
