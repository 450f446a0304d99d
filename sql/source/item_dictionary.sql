-- source/item_dictionary: the items' ids as texts, numbered from 1 in the order of their bytes.
-- The same items have the same numbers, however their rows are ordered and cut into files.
-- grain   item_id
-- reads   source_sampled(item_id), ids as texts
-- params  none

select
    cast(row_number() over (order by source_id) as integer) as item_id,
    source_id
from (select distinct item_id as source_id from source_sampled)
