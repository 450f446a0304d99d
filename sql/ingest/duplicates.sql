-- ingest/duplicates: events that occur more than once.
-- grain   (user_id, item_id, ts)
-- reads   source_interactions(user_id, item_id, rating, ts, file_row)
-- params  $first_line  BIGINT, line number of the first row in the file

select
    user_id,
    item_id,
    ts,
    min(file_row) + $first_line as first_line,
    max(file_row) + $first_line as last_line
from source_interactions
group by user_id, item_id, ts
having count(*) > 1
order by last_line
limit 3
