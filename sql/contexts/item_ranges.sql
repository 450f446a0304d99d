-- contexts/item_ranges: items cut into ranges of equally many.
-- grain   one range of items
-- reads   items(item_id)
-- params  $range_items  BIGINT, items a range holds, the last one fewer

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
