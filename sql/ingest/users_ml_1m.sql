-- ingest/users_ml_1m: users.dat (ML-1M) with the codes of its README spelled out.
-- grain   one line; fault says why it is no user
-- reads   user_records(line, fault, content, c0 id, c1 gender, c2 age code, c3 occupation code, c4 zip), all text
-- params  none

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
    line,
    fault,
    coalesce(content, concat_ws('::', c0, c1, c2, c3, c4)) as content,
    c0 as user_id,
    map {
        'gender': [c1],
        'age': [coalesce(age, c2)],
        'occupation': [coalesce(occupation, c3)]
    } as attributes
from user_records
left join ages on ages.code = c2
left join occupations on occupations.code = c3
