-- ingest/ratings_ml_csv: the lines of ratings.csv (ml-latest, ml-20m to ml-32m) as text, in file order.
-- grain   one line after the header; rowid is its place, from 0
-- reads   $path, `userId,movieId,rating,timestamp` with a header, also gzip
-- params  $path  VARCHAR

select
    column0 as user_id,
    column1 as item_id,
    column2 as rating,
    column3 as epoch_s
from read_csv(
    $path, delim = ',', header = false, skip = 1, quote = '"', escape = '"', null_padding = true, auto_detect = false,
    columns = {'column0': 'VARCHAR', 'column1': 'VARCHAR', 'column2': 'VARCHAR', 'column3': 'VARCHAR'}
)
