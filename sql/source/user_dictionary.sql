-- source/user_dictionary: the users' ids as texts, numbered from 1 in the order of their bytes.
-- The same users have the same numbers, however their rows are ordered and cut into files.
-- grain   user_id
-- reads   source_sampled(user_id), ids as texts
-- params  none

select
    cast(row_number() over (order by source_id) as integer) as user_id,
    source_id
from (select distinct user_id as source_id from source_sampled)
