-- score/row_faults: rows of a file that cannot be scored, and why.
-- grain   (row)
-- reads   score_rows

select
    row, -- from 1
    coalesce(given_user, 'null') as given_user,
    coalesce(given_item, 'null') as given_item,
    coalesce(given_ts, 'null') as given_ts,
    case
        when user_id is null then 'user'
        when item_id is null then 'item'
        when given_ts is not null and ts_us is null then 'ts'
        when is_items_given <> is_ratings_given then 'half a history'
        when is_items_given and history_items is null or list_count(history_items) <> len(history_items) then 'history items'
        when is_ratings_given and history_ratings is null or list_count(history_ratings) <> len(history_ratings)
            then 'history ratings'
        when len(history_items) <> len(history_ratings) then 'lengths'
    end as fault
from score_rows
where fault is not null
order by row
