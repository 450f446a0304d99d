-- report/item_card: title, year and attributes of one item.
-- grain   one row, or none when the item is not in the catalogue
-- reads   items(item_id, title, year, attributes)
-- params  $subject_id  the item
-- audits  none

select
    title,
    year,
    attributes
from items
where item_id = $subject_id
