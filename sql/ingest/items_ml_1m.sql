-- ingest/items_ml_1m: movies.dat (ML-1M, ML-10M) split into title, year and genres.
-- grain   one line
-- reads   $path, `id::title (year)::genre|genre`, no header
-- params  $path      VARCHAR, as a pattern, so that none of its letters is a glob
--         $encoding  VARCHAR, latin-1 or utf-8

select
    column0 as item_id,
    column1 as raw_title,
    list_filter(string_split(coalesce(column2, ''), '|'), x -> x <> '' and x <> '(no genres listed)') as genres
from read_csv(
    $path, delim = '::', header = false, quote = '', escape = '', auto_detect = false, hive_partitioning = false,
    encoding = $encoding,
    columns = {'column0': 'VARCHAR', 'column1': 'VARCHAR', 'column2': 'VARCHAR'}
)
