-- ingest/users_ml_100k: u.user (ML-100K).
-- grain   one line; fault says why it is no user
-- reads   user_records(line, fault, content, c0 id, c1 age, c2 gender, c3 occupation, c4 zip), all text
-- params  none

select
    line,
    fault,
    coalesce(content, concat_ws('|', c0, c1, c2, c3, c4)) as content,
    c0 as user_id,
    map {'gender': [c2], 'age': [c1], 'occupation': [c3]} as attributes
from user_records
