-- ingest/interactions: the typed ratings with their label.
-- grain   (user_id, item_id, ts)
-- reads   source_interactions(user_id, item_id, rating, ts, file_row; weight where the source has one)
-- params  $positive_above  DOUBLE, stars; a rating above it is label 1

select
    user_id,
    item_id,
    rating,
    cast(rating > $positive_above as tinyint) as label,
    columns('^(ts|weight)$'), -- weight only where there is one
    file_row
from source_interactions
