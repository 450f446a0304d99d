-- source/items_without_metadata: items of the interactions that are not in the item file, in order of first occurrence.
-- grain   item_id
-- reads   source_item_rows(item_id, first_row, rows), of some rows of an item each; catalogue(item_id); item_dictionary(item_id, source_id)
-- params  none

with unknown as (
    select
        item_id,
        min(first_row) as first_row,
        cast(sum(rows) as bigint) as rows
    from source_item_rows
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
