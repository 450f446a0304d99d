-- ingest/users_ml_1m: users.dat (ML-1M) with the codes of its README spelled out.
-- grain   one line
-- reads   $path, `id::gender::age code::occupation code::zip`, no header
-- params  $path  VARCHAR, as a pattern, so that none of its letters is a glob

with ages(code, age) as (
    values
    ('1', 'under 18'), ('18', '18-24'), ('25', '25-34'), ('35', '35-44'), ('45', '45-49'), ('50', '50-55'), ('56', '56 or over')
),

occupations as (
    select unnest(
        [
            'other', 'academic/educator', 'artist', 'clerical/admin', 'college/grad student', 'customer service',
            'doctor/health care', 'executive/managerial', 'farmer', 'homemaker', 'K-12 student', 'lawyer', 'programmer',
            'retired', 'sales/marketing', 'scientist', 'self-employed', 'technician/engineer', 'tradesman/craftsman',
            'unemployed', 'writer'
        ]
    ) as occupation, cast(generate_subscripts(range(21), 1) - 1 as varchar) as code
)

select
    column0 as user_id,
    map {
        'gender': [column1],
        'age': [coalesce(age, column2)],
        'occupation': [coalesce(occupation, column3)]
    } as attributes
from read_csv(
    $path, delim = '::', header = false, quote = '', escape = '', auto_detect = false, hive_partitioning = false,
    columns = {'column0': 'VARCHAR', 'column1': 'VARCHAR', 'column2': 'VARCHAR', 'column3': 'VARCHAR', 'column4': 'VARCHAR'}
)
left join ages on ages.code = column2
left join occupations on occupations.code = column3
