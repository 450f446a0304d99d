-- ingest/items_ml_csv: movies.csv (ml-latest, ml-20m to ml-32m) split into title and genres.
-- grain   one line after the header
-- reads   items_csv(column0 movieId, column1 title, column2 genres), all text
-- params  none

select
    column0 as item_id,
    column1 as raw_title,
    list_filter(string_split(coalesce(column2, ''), '|'), x -> x <> '' and x <> '(no genres listed)') as genres
from items_csv
