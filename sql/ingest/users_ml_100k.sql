-- ingest/users_ml_100k: u.user (ML-100K).
-- grain   one line
-- reads   $path, `id|age|gender|occupation|zip`, no header
-- params  $path  VARCHAR, as a pattern, so that none of its letters is a glob

select
    column0 as user_id,
    map {'gender': [column2], 'age': [column1], 'occupation': [column3]} as attributes
from read_csv(
    $path, delim = '|', header = false, quote = '', escape = '', auto_detect = false, hive_partitioning = false,
    columns = {'column0': 'VARCHAR', 'column1': 'VARCHAR', 'column2': 'VARCHAR', 'column3': 'VARCHAR', 'column4': 'VARCHAR'}
)
