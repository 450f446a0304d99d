-- ingest/items_ml_csv: movies.csv (ml-latest, ml-20m to ml-32m) split into title and genres.
-- grain   one record after the header; fault says why it is no item
-- reads   item_records(line, fault, content, c0 movieId, c1 title, c2 genres), all text
-- params  none

select
    line,
    fault,
    coalesce(content, concat_ws(' | ', c0, c1, c2)) as content,
    c0 as item_id,
    c1 as raw_title,
    list_filter(string_split(coalesce(c2, ''), '|'), x -> x <> '' and x <> '(no genres listed)') as genres
from item_records
