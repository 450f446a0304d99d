-- score/rows: the columns of a file that scoring needs, in file order.
-- grain   (row)
-- reads   score_rows

select
    user_id,
    item_id,
    cast(is_items_given as tinyint) as has_history, -- 1 where the row brings its history, even an empty one
    coalesce(history_items, []) as history_items, -- oldest first
    coalesce(history_ratings, []) as history_ratings, -- stars
    coalesce(ts_us, 'infinity') as before_us -- microseconds since 1970, UTC; the history ends before it
from score_rows
order by row
