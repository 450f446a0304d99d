-- source/items_without_metadata: items of the interactions that are not in the item file, in order of first occurrence.
-- grain   item_id
-- reads   source_rows(file_row, item_id), catalogue(item_id), item_dictionary(item_id, source_id)
-- params  none

with unknown as (
    select
        item_id,
        min(file_row) as first_row,
        count(*) as rows
    from source_rows
    anti join catalogue using (item_id)
    group by item_id
)

select
    unknown.item_id,
    coalesce(source_id, cast(unknown.item_id as varchar)) as source_id,
    first_row,
    rows
from unknown
left join item_dictionary using (item_id)
order by first_row
