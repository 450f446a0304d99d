-- ingest/items_ml_csv: movies.csv (ml-latest, ml-20m to ml-32m) split into title and genres.
-- grain   one line
-- reads   $path, `movieId,title,genres` with a header, UTF-8
-- params  $path      VARCHAR
--         $encoding  VARCHAR, utf-8

select
    column0 as item_id,
    column1 as raw_title,
    list_filter(string_split(coalesce(column2, ''), '|'), x -> x <> '' and x <> '(no genres listed)') as genres
from read_csv(
    $path, delim = ',', header = false, skip = 1, quote = '"', escape = '"', auto_detect = false, encoding = $encoding,
    columns = {'column0': 'VARCHAR', 'column1': 'VARCHAR', 'column2': 'VARCHAR'}
)
