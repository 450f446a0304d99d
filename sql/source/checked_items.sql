-- source/checked_items: every row of an item file with its types, and the reason if it is not a valid item.
-- grain   file_row
-- reads   items_placed(file_row, file_index, line, fault, content, id_raw, item_id, title, year, attributes), item_id null where the id is invalid
-- params  $id_fault  VARCHAR, reason for an invalid id

with placed as (
    select
        *,
        row_number() over (partition by item_id order by file_row) as nth
    from items_placed
)

select
    file_index,
    line,
    item_id,
    title,
    year,
    attributes,
    case
        when fault is not null then fault
        when id_raw is null then 'the item id is missing'
        when item_id is null then $id_fault
        when nth > 1 then 'the item has a row before'
    end as reason, -- null: the row is valid
    coalesce(content, concat_ws(' | ', id_raw, title)) as content
from placed
