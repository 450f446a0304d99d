-- source/item_dictionary: text ids of items, numbered from 1 in byte order.
-- Equal sets of items get equal numbers, however their rows are ordered and split into files.
-- grain   item_id
-- reads   source_sampled(item_id), ids as texts
-- params  none

select
    cast(row_number() over (order by source_id) as integer) as item_id,
    source_id
from (select distinct item_id as source_id from source_sampled)
