-- ingest/ratings_ml_100k: the lines of u.data (ML-100K) as text, in file order.
-- grain   one line; rowid is its place in the file, from 0
-- reads   $path, tab-separated `user item rating epoch seconds`, no header
-- params  $path  VARCHAR, as a pattern, so that none of its letters is a glob

select
    column0 as user_id,
    column1 as item_id,
    column2 as rating,
    column3 as epoch_s
from read_csv(
    $path, delim = '\t', header = false, quote = '', escape = '', null_padding = true, auto_detect = false, hive_partitioning = false,
    columns = {'column0': 'VARCHAR', 'column1': 'VARCHAR', 'column2': 'VARCHAR', 'column3': 'VARCHAR'}
)
