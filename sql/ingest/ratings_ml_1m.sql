-- ingest/ratings_ml_1m: the lines of ratings.dat (ML-1M, ML-10M) as text, in file order.
-- grain   one line; rowid is its place in the file, from 0
-- reads   $path, `user::item::rating::epoch seconds`, no header, also gzip
-- params  $path  VARCHAR, as a pattern, so that none of its letters is a glob

select
    column0 as user_id,
    column1 as item_id,
    column2 as rating,
    column3 as epoch_s
from read_csv(
    $path, delim = '::', header = false, quote = '', escape = '', null_padding = true, auto_detect = false, hive_partitioning = false,
    columns = {'column0': 'VARCHAR', 'column1': 'VARCHAR', 'column2': 'VARCHAR', 'column3': 'VARCHAR'}
)
