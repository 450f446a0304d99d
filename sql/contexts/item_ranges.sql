-- contexts/item_ranges: ranges with equal numbers of items.
-- grain   one range of items
-- reads   items(item_id)
-- params  $range_items  BIGINT, items per range; the last may have fewer

select
    min(item_id) as first_item,
    max(item_id) as last_item
from (
    select
        item_id,
        (row_number() over (order by item_id) - 1) // $range_items as place
    from items
)
group by place
order by first_item
