-- source/user_dictionary: text ids of users, numbered from 1 in byte order.
-- Equal sets of users get equal numbers, however their rows are ordered and split into files.
-- grain   user_id
-- reads   source_sampled(user_id), ids as texts
-- params  none

select
    cast(row_number() over (order by source_id) as integer) as user_id,
    source_id
from (select distinct user_id as source_id from source_sampled)
